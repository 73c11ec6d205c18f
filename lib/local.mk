# lib/: the ground floor. Everything above links the archive; what a program does not use stays out of it.
noinst_LIBRARIES += lib/libtrace.a
lib_libtrace_a_SOURCES = \
	lib/answer.c lib/answer.h \
	lib/buf.c lib/buf.h \
	lib/bus.c lib/bus.h \
	lib/clock.c lib/clock.h \
	lib/config.c lib/config.h \
	lib/hint.c lib/hint.h \
	lib/id.c lib/id.h \
	lib/jw.c lib/jw.h \
	lib/log.c lib/log.h \
	lib/must.h \
	lib/password.c lib/password.h \
	lib/pg.c lib/pg.h \
	lib/pg_json.c lib/pg_json.h \
	lib/pg_options.c lib/pg_options.h \
	lib/pg_value.c lib/pg_value.h \
	lib/pg_verdict.c lib/pg_verdict.h \
	lib/privilege.c lib/privilege.h \
	lib/publish.c lib/publish.h \
	lib/step_json.c lib/step_json.h \
	lib/store.h \
	lib/store_admin.c lib/store_admin.h \
	lib/store_auth.c lib/store_auth.h \
	lib/store_batch.c lib/store_batch.h \
	lib/store_caller.h \
	lib/store_counters.h \
	lib/store_door.c lib/store_door.h \
	lib/store_ending.c lib/store_ending.h \
	lib/store_health.c lib/store_health.h \
	lib/store_import.c lib/store_import.h \
	lib/store_lifecycle.h \
	lib/store_message.c lib/store_message.h \
	lib/store_migrate.c lib/store_migrate.h \
	lib/store_progress.c lib/store_progress.h \
	lib/store_prune.c lib/store_prune.h \
	lib/store_replay.c lib/store_replay.h \
	lib/store_search.c lib/store_search.h \
	lib/store_session.c lib/store_session.h \
	lib/store_session_list.c lib/store_session_list.h \
	lib/store_step.c lib/store_step.h \
	lib/store_stream.c lib/store_stream.h \
	lib/store_sweep.c lib/store_sweep.h \
	lib/store_trace.c lib/store_trace.h \
	lib/store_workspace.c lib/store_workspace.h \
	lib/told.c lib/told.h \
	lib/utf8.c lib/utf8.h

LIB_UNIT_TESTS = \
	tests/unit/test_lib_buf \
	tests/unit/test_lib_bus \
	tests/unit/test_lib_clock \
	tests/unit/test_lib_config \
	tests/unit/test_lib_hint \
	tests/unit/test_lib_id \
	tests/unit/test_lib_jw \
	tests/unit/test_lib_log \
	tests/unit/test_lib_password \
	tests/unit/test_lib_pg_options \
	tests/unit/test_lib_publish \
	tests/unit/test_lib_utf8
check_PROGRAMS += $(LIB_UNIT_TESTS)
UNIT_TESTS += $(LIB_UNIT_TESTS)
LIB_TEST_PUSHER = tests/unit/lib_pusher.c tests/unit/lib_pusher.h
tests_unit_test_lib_bus_SOURCES = tests/unit/test_lib_bus.c $(LIB_TEST_PUSHER)
tests_unit_test_lib_password_LDADD = $(LDADD) $(ARGON2_LIBS)
tests_unit_test_lib_pg_options_LDADD = $(LDADD) $(PQ_LIBS)
tests_unit_test_lib_publish_SOURCES = tests/unit/test_lib_publish.c $(LIB_TEST_PUSHER)
tests_unit_test_lib_publish_LDADD = $(LDADD) $(PQ_LIBS)

# Needs a database: run by tests/integration/admin_pg.test.mjs.
check_PROGRAMS += tests/integration/lib_pg
tests_integration_lib_pg_LDADD = $(LDADD) $(PQ_LIBS)
