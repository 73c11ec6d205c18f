# SPDX-License-Identifier: Apache-2.0
# store/: the database connection and all SQL, one file an aggregate.
noinst_LIBRARIES += store/libstore.a
store_libstore_a_SOURCES = \
	store/admin.c store/admin.h \
	store/answer.c store/answer.h \
	store/audit.c store/audit.h \
	store/auth.c store/auth.h \
	store/bounds.h \
	store/batch.c store/batch.h \
	store/caller.h \
	store/counters.h \
	store/approval.c store/approval.h \
	store/ending.c store/ending.h \
	store/epoch.c store/epoch.h \
	store/export.c store/export.h \
	store/health.c store/health.h \
	store/import.c store/import.h \
	store/ingest.c store/ingest.h \
	store/invite.c store/invite.h \
	store/instructions.c store/instructions.h \
	store/lifecycle.h \
	store/mcp.c store/mcp.h \
	store/message.c store/message.h \
	store/migrate.c store/migrate.h \
	store/notify.c store/notify.h \
	store/notify_columns.c store/notify_columns.h \
	store/notify_rows.c \
	store/oidc.c store/oidc.h \
	store/partition.c store/partition.h \
	store/people.c store/people.h \
	store/person.c store/person.h \
	store/pg.c store/pg.h \
	store/pg_copy.c store/pg_copy.h \
	store/pg_dial.c store/pg_dial.h \
	store/pg_options.c store/pg_options.h \
	store/pg_outage.c store/pg_outage.h \
	store/pg_persist.c \
	store/pg_proof.c store/pg_proof.h \
	store/pg_value.c store/pg_value.h \
	store/pg_verdict.c store/pg_verdict.h \
	store/pg_wait.c store/pg_wait.h \
	store/price.c store/price.h \
	store/progress.c store/progress.h \
	store/prune.c store/prune.h \
	store/pusher.c store/pusher.h \
	store/put.c store/put.h \
	store/put_list.c store/put_list.h \
	store/rating.c store/rating.h \
	store/reader.c store/reader.h \
	store/redaction.c store/redaction.h \
	store/repeat.c store/repeat.h \
	store/retention.c store/retention.h \
	store/room.c store/room.h \
	store/said.c store/said.h \
	store/search.c store/search.h \
	store/session.c store/session.h \
	store/session_list.c store/session_list.h \
	store/share.c store/share.h \
	store/share_trace.c store/share_trace.h \
	store/statement.c store/statement.h \
	store/statistics.c store/statistics.h \
	store/step.c store/step.h \
	store/step_columns.c store/step_columns.h \
	store/step_json.c store/step_json.h \
	store/store.h \
	store/persona.c store/persona.h \
	store/stream.c store/stream.h \
	store/sweep.c store/sweep.h \
	store/table.c store/table.h \
	store/token.c store/token.h \
	store/trace.c store/trace.h store/trace_sql.h \
	store/webhook.c store/webhook.h \
	store/webhook_terms.c store/webhook_terms.h \
	store/workspace.c store/workspace.h

STORE_UNIT_TESTS = \
	tests/unit/test_store_pg_dial \
	tests/unit/test_store_pg_options \
	tests/unit/test_store_pg_outage \
	tests/unit/test_store_put_list \
	tests/unit/test_store_notify \
	tests/unit/test_store_step_json
check_PROGRAMS += $(STORE_UNIT_TESTS)
UNIT_TESTS += $(STORE_UNIT_TESTS)
tests_unit_test_store_pg_dial_LDADD = $(LDADD) $(PQ_LIBS)
tests_unit_test_store_pg_options_LDADD = $(LDADD) $(PQ_LIBS)
tests_unit_test_store_put_list_LDADD = $(LDADD) $(PQ_LIBS) $(JANSSON_LIBS)
tests_unit_test_store_notify_SOURCES = tests/unit/test_store_notify.c $(WIRE_TEST_PUSHER)
tests_unit_test_store_notify_LDADD = $(LDADD) $(PQ_LIBS)
tests_unit_test_store_step_json_LDADD = $(LDADD) $(PQ_LIBS)

# Needs a database: run by tests/integration/admin_pg.test.mjs.
check_PROGRAMS += tests/integration/store_pg
tests_integration_store_pg_LDADD = $(LDADD) $(PQ_LIBS)

# Every statement of store/, found by its section: so all of the archive is linked, and the doors that its files need.
check_PROGRAMS += tests/integration/statements
tests_integration_statements_LDFLAGS = $(AM_LDFLAGS) -Wl,--whole-archive,store/libstore.a,--no-whole-archive
tests_integration_statements_LDADD = wire/libwire.a base/libbase.a $(CRYPTO_LIBS) $(PQ_LIBS) $(JANSSON_LIBS) $(ARGON2_LIBS)
tests_integration_statements_DEPENDENCIES = store/libstore.a wire/libwire.a base/libbase.a

# Which migrations this release has: /healthz compares them with those that the database has. Written again only when
# that has changed.
store/schema_release.h: schema-release-always
	$(AM_V_GEN)$(MKDIR_P) store && list=$$(ls $(top_srcdir)/migrations | sed -n 's/^\([0-9]\{4\}\)_.*\.sql$$/\1/p' | sort) && \
	  latest=$$(echo "$$list" | tail -n 1 | sed 's/^0*//') && count=$$(echo "$$list" | wc -l | tr -d ' ') && \
	  { echo '// Made by make of the files in migrations/.'; \
	    printf '#define SCHEMA_RELEASE_LATEST "%s"\n#define SCHEMA_RELEASE_COUNT "%s"\n' "$$latest" "$$count"; } >$@.new && \
	  if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi
schema-release-always:
.PHONY: schema-release-always
BUILT_SOURCES += store/schema_release.h
CLEANFILES += store/schema_release.h
nodist_store_libstore_a_SOURCES = store/schema_release.h
# Other goals than `all` do not wait for what is built first.
store/health.$(OBJEXT): store/schema_release.h
