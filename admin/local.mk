# admin/
EXTRA_DIST += admin/README.md admin/demo/conversation.ndjson
libexec_PROGRAMS += admin/trace-supervise
admin_trace_supervise_SOURCES = \
	admin/supervise/child.c admin/supervise/child.h \
	admin/supervise/list.c admin/supervise/list.h \
	admin/supervise/main.c \
	admin/supervise/plan.c admin/supervise/plan.h \
	admin/supervise/stray.c admin/supervise/stray.h
admin_trace_supervise_LDADD = lib/libtrace.a

bin_PROGRAMS += admin/trace-admin
admin_trace_admin_SOURCES = \
	admin/commands/access.c \
	admin/commands/answer.c \
	admin/commands/command.h \
	admin/commands/config.c \
	admin/commands/import.c \
	admin/commands/main.c \
	admin/commands/migrate.c \
	admin/commands/options.c admin/commands/options.h \
	admin/commands/people.c \
	admin/commands/prune.c \
	admin/commands/sweep.c \
	admin/commands/when.c admin/commands/when.h
admin_trace_admin_CPPFLAGS = $(AM_CPPFLAGS) -DTRACE_DATA_DIR='"$(pkgdatadir)"'
admin_trace_admin_LDADD = lib/libtrace.a $(PQ_LIBS) $(JANSSON_LIBS) $(ARGON2_LIBS)

# Every statement of lib/, found by its section: so all of the archive is linked, and the doors that its files need.
check_PROGRAMS += tests/integration/statements
tests_integration_statements_LDFLAGS = $(AM_LDFLAGS) -Wl,--whole-archive,lib/libtrace.a,--no-whole-archive
tests_integration_statements_LDADD = $(PQ_LIBS) $(JANSSON_LIBS) $(ARGON2_LIBS)
tests_integration_statements_DEPENDENCIES = lib/libtrace.a

ADMIN_UNIT_TESTS = tests/unit/test_admin_when
check_PROGRAMS += $(ADMIN_UNIT_TESTS)
UNIT_TESTS += $(ADMIN_UNIT_TESTS)
tests_unit_test_admin_when_SOURCES = tests/unit/test_admin_when.c admin/commands/when.c
