# cgi/: the frame around the handlers, and the two FastCGI programs made of route tables.
noinst_LIBRARIES += cgi/libcgi.a
cgi_libcgi_a_SOURCES = \
	cgi/body.c cgi/body.h \
	cgi/caller.c cgi/caller.h \
	cgi/exchange.h \
	cgi/fcgi.c cgi/fcgi.h \
	cgi/intake.c cgi/intake.h \
	cgi/metrics.c cgi/metrics.h \
	cgi/metrics_route.c cgi/metrics_route.h \
	cgi/origin.c cgi/origin.h \
	cgi/plain.c cgi/plain.h \
	cgi/prefork.c cgi/prefork.h \
	cgi/problem.c \
	cgi/request.c cgi/request.h \
	cgi/route.c cgi/route.h \
	cgi/serve.c cgi/serve.h \
	cgi/slice.c cgi/slice.h \
	cgi/sources.c cgi/sources.h \
	cgi/status.c cgi/status.h
CGI_LIBS = cgi/libcgi.a lib/libtrace.a $(FCGI_LIBS) $(JANSSON_LIBS) $(PQ_LIBS)

CGI_UNIT_TESTS = tests/unit/test_cgi_body tests/unit/test_cgi_intake tests/unit/test_cgi_route
check_PROGRAMS += $(CGI_UNIT_TESTS)
UNIT_TESTS += $(CGI_UNIT_TESTS)
CGI_TEST_LIBS = cgi/libcgi.a lib/libtrace.a $(JANSSON_LIBS) $(CMOCKA_LIBS)
tests_unit_test_cgi_body_LDADD = $(CGI_TEST_LIBS)
tests_unit_test_cgi_intake_LDADD = $(CGI_TEST_LIBS)
tests_unit_test_cgi_route_LDADD = $(CGI_TEST_LIBS)

# trace-api
libexec_PROGRAMS += cgi/trace-api.fcgi
cgi_trace_api_fcgi_SOURCES = \
	cgi/trace.c cgi/trace.h \
	cgi/trace_api.c \
	cgi/trace_batch.c \
	cgi/trace_batch_lines.c cgi/trace_batch_lines.h \
	cgi/trace_grants.c cgi/trace_grants.h \
	cgi/trace_list.c \
	cgi/trace_page.c \
	cgi/trace_progress.c \
	cgi/trace_session.c \
	cgi/trace_step.c \
	cgi/trace_step_body.c cgi/trace_step_body.h
cgi_trace_api_fcgi_LDADD = $(CGI_LIBS)
check_PROGRAMS += tests/unit/test_step_json tests/unit/test_trace_parts
UNIT_TESTS += tests/unit/test_step_json tests/unit/test_trace_parts
tests_unit_test_step_json_LDADD = lib/libtrace.a $(PQ_LIBS) $(CMOCKA_LIBS)
tests_unit_test_trace_parts_SOURCES = \
	tests/unit/test_trace_parts.c tests/unit/cgi.h \
	cgi/trace_batch_lines.c cgi/trace_grants.c cgi/trace_step_body.c
tests_unit_test_trace_parts_LDADD = $(CGI_TEST_LIBS)

# workspace-api
libexec_PROGRAMS += cgi/workspace-api.fcgi
cgi_workspace_api_fcgi_SOURCES = \
	cgi/actors.c cgi/actors.h \
	cgi/cursor.c cgi/cursor.h \
	cgi/fcgi_ask.c cgi/fcgi_ask.h \
	cgi/local_http.c cgi/local_http.h \
	cgi/mentions.c cgi/mentions.h \
	cgi/reply.c cgi/reply.h \
	cgi/workspace_api.c cgi/workspace_routes.h \
	cgi/workspace_auth.c \
	cgi/workspace_door.c \
	cgi/workspace_messages.c \
	cgi/workspace_operations.c \
	cgi/workspace_overview.c \
	cgi/workspace_search.c \
	cgi/workspace_streams.c \
	cgi/workspace_timeline.c
cgi_workspace_api_fcgi_LDADD = $(CGI_LIBS) $(ARGON2_LIBS)

WORKSPACE_API_UNIT_TESTS = tests/unit/test_cgi_cursor tests/unit/test_cgi_local tests/unit/test_cgi_mentions
check_PROGRAMS += $(WORKSPACE_API_UNIT_TESTS)
UNIT_TESTS += $(WORKSPACE_API_UNIT_TESTS)
tests_unit_test_cgi_cursor_SOURCES = tests/unit/test_cgi_cursor.c cgi/cursor.c
tests_unit_test_cgi_cursor_LDADD = $(CGI_TEST_LIBS)
tests_unit_test_cgi_local_SOURCES = tests/unit/test_cgi_local.c cgi/fcgi_ask.c cgi/local_http.c
tests_unit_test_cgi_local_LDADD = $(CGI_TEST_LIBS)
tests_unit_test_cgi_mentions_SOURCES = tests/unit/test_cgi_mentions.c cgi/mentions.c
tests_unit_test_cgi_mentions_LDADD = $(CGI_TEST_LIBS)
