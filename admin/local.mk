# SPDX-License-Identifier: Apache-2.0
# admin/
EXTRA_DIST += admin/README.md admin/demo/conversation.ndjson
bin_PROGRAMS += admin/trace-admin
admin_trace_admin_SOURCES = \
	admin/commands/access.c \
	admin/commands/accounts.c \
	admin/commands/answer.c \
	admin/commands/beside.c admin/commands/beside.h \
	admin/commands/collector.c admin/commands/collector.h \
	admin/commands/command.h \
	admin/commands/config.c \
	admin/commands/deliver.c admin/commands/deliver.h \
	admin/commands/import.c \
	admin/commands/installed.c admin/commands/installed.h \
	admin/commands/main.c \
	admin/commands/migrate.c \
	admin/commands/migrate_files.c admin/commands/migrate_files.h \
	admin/commands/options.c admin/commands/options.h \
	admin/commands/people.c admin/commands/person.h \
	admin/commands/prices.c \
	admin/commands/prices_file.c admin/commands/prices_file.h \
	admin/commands/prune.c \
	admin/commands/redaction.c \
	admin/commands/restore.c \
	admin/commands/retention.c \
	admin/commands/spans.c admin/commands/spans.h \
	admin/commands/sweep.c \
	admin/commands/webhook_http.c admin/commands/webhook_http.h \
	admin/commands/webhooks.c \
	admin/commands/when.c admin/commands/when.h
admin_trace_admin_CPPFLAGS = $(AM_CPPFLAGS) -DTRACE_DATA_DIR='"$(pkgdatadir)"'
admin_trace_admin_LDADD = $(TRACE_LIBS) $(PQ_LIBS) $(JANSSON_LIBS) $(CURL_LIBS) $(ARGON2_LIBS) $(RE2_LIBS)

ADMIN_UNIT_TESTS = tests/unit/test_admin_when
check_PROGRAMS += $(ADMIN_UNIT_TESTS)
UNIT_TESTS += $(ADMIN_UNIT_TESTS)
tests_unit_test_admin_when_SOURCES = tests/unit/test_admin_when.c admin/commands/when.c
