# SPDX-License-Identifier: Apache-2.0
# cgi/: the frame around the handlers, and the two FastCGI programs made of route tables.
noinst_LIBRARIES += cgi/libcgi.a
cgi_libcgi_a_SOURCES = \
	cgi/access_log.c cgi/access_log.h \
	cgi/allowance.c cgi/allowance.h \
	cgi/body.c cgi/body.h \
	cgi/budget.c cgi/budget.h \
	cgi/caller.c cgi/caller.h \
	cgi/cors.c cgi/cors.h \
	cgi/credential.c cgi/credential.h \
	cgi/exchange.h \
	cgi/fcgi.c cgi/fcgi.h \
	cgi/flow.c cgi/flow.h \
	cgi/intake.c cgi/intake.h \
	cgi/login.c cgi/login.h \
	cgi/login_cookie.c cgi/login_cookie.h \
	cgi/metrics.c cgi/metrics.h \
	cgi/metrics_route.c cgi/metrics_route.h \
	cgi/origin.c cgi/origin.h \
	cgi/plain.c cgi/plain.h \
	cgi/prefork.c cgi/prefork.h \
	cgi/problem.c cgi/problem.h \
	cgi/query.c cgi/query.h \
	cgi/redaction.c cgi/redaction.h \
	cgi/reply.c cgi/reply.h \
	cgi/request.c cgi/request.h \
	cgi/route.c cgi/route.h \
	cgi/serve.c cgi/serve.h \
	cgi/server_span.c cgi/server_span.h \
	cgi/share_cookie.c cgi/share_cookie.h \
	cgi/slice.c cgi/slice.h \
	cgi/sources.c cgi/sources.h \
	cgi/status.c cgi/status.h \
	cgi/token_use.c cgi/token_use.h \
	cgi/traceparent.c cgi/traceparent.h \
	cgi/turns.c cgi/turns.h
CGI_LIBS = cgi/libcgi.a $(TRACE_LIBS) $(FCGI_LIBS) $(JANSSON_LIBS) $(PQ_LIBS) $(RE2_LIBS)

CGI_UNIT_TESTS = tests/unit/test_cgi_body tests/unit/test_cgi_budget tests/unit/test_cgi_credential tests/unit/test_cgi_intake tests/unit/test_cgi_route tests/unit/test_cgi_traceparent
check_PROGRAMS += $(CGI_UNIT_TESTS)
UNIT_TESTS += $(CGI_UNIT_TESTS)
CGI_TEST_LIBS = cgi/libcgi.a $(TRACE_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS) $(PQ_LIBS) $(RE2_LIBS)
tests_unit_test_cgi_credential_LDADD = $(CGI_TEST_LIBS)
tests_unit_test_cgi_body_LDADD = $(CGI_TEST_LIBS)
tests_unit_test_cgi_budget_LDADD = $(CGI_TEST_LIBS)
tests_unit_test_cgi_intake_LDADD = $(CGI_TEST_LIBS)
tests_unit_test_cgi_route_LDADD = $(CGI_TEST_LIBS)
tests_unit_test_cgi_traceparent_LDADD = $(CGI_TEST_LIBS)

# trace-api
libexec_PROGRAMS += cgi/trace-api.fcgi
cgi_trace_api_fcgi_SOURCES = \
	cgi/mcp_tools.c cgi/mcp_tools.h \
	cgi/trace.c cgi/trace.h \
	cgi/trace_api.c \
	cgi/trace_batch.c \
	cgi/trace_batch_lines.c cgi/trace_batch_lines.h \
	cgi/export.c cgi/export.h \
	cgi/export_json.c \
	cgi/export_markdown.c \
	cgi/export_otlp.c \
	cgi/trace_decision.c \
	cgi/trace_export.c \
	cgi/trace_grants.c cgi/trace_grants.h \
	cgi/csv.c cgi/csv.h \
	cgi/trace_instructions.c \
	cgi/trace_list.c \
	cgi/trace_list_csv.c cgi/trace_list_csv.h \
	cgi/trace_list_query.c cgi/trace_list_query.h \
	cgi/trace_mcp.c \
	cgi/trace_page.c \
	cgi/trace_progress.c \
	cgi/trace_put.c cgi/trace_put.h \
	cgi/trace_rating.c \
	cgi/trace_repeat.c cgi/trace_repeat.h \
	cgi/trace_session.c \
	cgi/trace_session_body.c cgi/trace_session_body.h \
	cgi/trace_share.c \
	cgi/trace_step.c \
	cgi/trace_step_body.c cgi/trace_step_body.h \
	cgi/trace_step_mark.c cgi/trace_step_mark.h
cgi_trace_api_fcgi_LDADD = $(CGI_LIBS)
check_PROGRAMS += tests/unit/test_trace_parts
UNIT_TESTS += tests/unit/test_trace_parts
tests_unit_test_trace_parts_SOURCES = \
	tests/unit/test_trace_parts.c tests/unit/cgi.h \
	cgi/trace_batch_lines.c cgi/trace_grants.c cgi/trace_repeat.c cgi/trace_step_body.c \
	cgi/trace_step_mark.c
tests_unit_test_trace_parts_LDADD = $(CGI_TEST_LIBS)

# workspace-api
libexec_PROGRAMS += cgi/workspace-api.fcgi
cgi_workspace_api_fcgi_SOURCES = \
	cgi/actors.c cgi/actors.h \
	cgi/fcgi_ask.c cgi/fcgi_ask.h \
	cgi/local.c cgi/local.h \
	cgi/local_http.c cgi/local_http.h \
	cgi/mentions.c cgi/mentions.h \
	cgi/names.c cgi/names.h \
	cgi/oidc_login.c cgi/oidc_login.h \
	cgi/oidc_redeem.c \
	cgi/workspace_api.c cgi/workspace_routes.h \
	cgi/workspace_auth.c \
	cgi/pusher.c cgi/pusher.h \
	cgi/workspace_dialects.c \
	cgi/workspace_door.c \
	cgi/workspace_invites.c \
	cgi/workspace_messages.c \
	cgi/workspace_oidc.c \
	cgi/workspace_operations.c \
	cgi/workspace_overview.c \
	cgi/workspace_people.c \
	cgi/workspace_personas.c \
	cgi/workspace_prices.c \
	cgi/workspace_redaction.c \
	cgi/workspace_retention.c \
	cgi/workspace_search.c \
	cgi/workspace_share.c \
	cgi/workspace_statistics.c \
	cgi/workspace_streams.c \
	cgi/workspace_timeline.c \
	cgi/workspace_webhooks.c \
	cgi/workspace_tokens.c
cgi_workspace_api_fcgi_LDADD = oidc/liboidc.a $(CGI_LIBS) $(ARGON2_LIBS) $(OIDC_LIBS)

WORKSPACE_API_UNIT_TESTS = tests/unit/test_cgi_local tests/unit/test_cgi_mentions
check_PROGRAMS += $(WORKSPACE_API_UNIT_TESTS)
UNIT_TESTS += $(WORKSPACE_API_UNIT_TESTS)
tests_unit_test_cgi_local_SOURCES = tests/unit/test_cgi_local.c cgi/fcgi_ask.c cgi/local.c cgi/local_http.c
tests_unit_test_cgi_local_LDADD = $(CGI_TEST_LIBS)
tests_unit_test_cgi_mentions_SOURCES = tests/unit/test_cgi_mentions.c cgi/mentions.c
tests_unit_test_cgi_mentions_LDADD = $(CGI_TEST_LIBS)

# ingest-api
libexec_PROGRAMS += cgi/ingest-api.fcgi
cgi_ingest_api_fcgi_SOURCES = \
	cgi/ingest.h \
	cgi/ingest_api.c \
	cgi/ingest_keep.c cgi/ingest_keep.h \
	cgi/ingest_put.c cgi/ingest_put.h \
	cgi/ingest_redact.c cgi/ingest_redact.h \
	cgi/ingest_routes.c \
	cgi/trace.c cgi/trace.h \
	cgi/trace_put.c cgi/trace_put.h \
	cgi/trace_step_body.c cgi/trace_step_body.h
cgi_ingest_api_fcgi_LDADD = $(CGI_LIBS) $(INGEST_LIBS) $(RE2_LIBS)
