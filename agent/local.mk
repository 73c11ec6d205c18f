# agent/: trace-agent and the demo model. Ordinary clients: nothing of lib/.
bin_PROGRAMS += agent/trace-agent agent/demo-model

# What needs no server, no clock and no descriptor; the tests link it.
noinst_LIBRARIES += agent/libagent.a
agent_libagent_a_SOURCES = \
	agent/chunk.c agent/chunk.h \
	agent/conversation.c agent/conversation.h \
	agent/guard.c agent/guard.h \
	agent/html.c agent/html.h \
	agent/mask.c agent/mask.h \
	agent/prompt.c agent/prompt.h \
	agent/refusals.c agent/refusals.h \
	agent/sources.c agent/sources.h \
	agent/sse.c agent/sse.h \
	agent/text.c agent/text.h
agent_libagent_libs = agent/libagent.a $(JANSSON_LIBS) $(GUMBO_LIBS)

agent_trace_agent_SOURCES = \
	agent/answer.c agent/answer.h \
	agent/clock.c agent/clock.h \
	agent/config.c agent/config.h \
	agent/context.c agent/context.h \
	agent/crew.c agent/crew.h \
	agent/duty.c agent/duty.h \
	agent/http.c agent/http.h \
	agent/listen.c agent/listen.h \
	agent/log.c agent/log.h \
	agent/loop.c agent/loop.h \
	agent/main.c \
	agent/model.c agent/model.h \
	agent/page_child.c \
	agent/page_text.c agent/page_text.h \
	agent/record.c agent/record.h \
	agent/remains.c agent/remains.h \
	agent/rest.c agent/rest.h \
	agent/run.h \
	agent/seat.c agent/seat.h \
	agent/thought.c agent/thought.h \
	agent/tools.c agent/tools.h \
	agent/tools_visit_page.c \
	agent/tools_web_search.c \
	agent/tools_workspace_search.c \
	agent/toolwork.c agent/toolwork.h \
	agent/transfer.c agent/transfer.h
agent_trace_agent_LDADD = emitter/libemitter.a $(agent_libagent_libs) $(CURL_LIBS) -lpthread -lm

noinst_LIBRARIES += agent/libdemo.a
agent_libdemo_a_SOURCES = \
	agent/demo/fault.c agent/demo/fault.h \
	agent/demo/findings.c agent/demo/findings.h \
	agent/demo/plan.c agent/demo/plan.h \
	agent/demo/request.c agent/demo/request.h \
	agent/demo/script.c agent/demo/script.h \
	agent/demo/words.c agent/demo/words.h

agent_demo_model_SOURCES = agent/clock.c agent/demo/conn.c agent/demo/conn.h agent/demo/main.c
agent_demo_model_LDADD = agent/libdemo.a $(agent_libagent_libs)

agent_test_libs = $(agent_libagent_libs) $(CMOCKA_LIBS)
AGENT_TESTS = \
	tests/unit/test_agent_chunk \
	tests/unit/test_agent_conversation \
	tests/unit/test_agent_demo \
	tests/unit/test_agent_guard \
	tests/unit/test_agent_html \
	tests/unit/test_agent_http \
	tests/unit/test_agent_mask \
	tests/unit/test_agent_prompt \
	tests/unit/test_agent_refusals \
	tests/unit/test_agent_sse
check_PROGRAMS += $(AGENT_TESTS)
UNIT_TESTS += $(AGENT_TESTS)
EXTRA_DIST += tests/unit/fixtures/agent
tests_unit_test_agent_chunk_LDADD = $(agent_test_libs)
tests_unit_test_agent_conversation_LDADD = $(agent_test_libs)
tests_unit_test_agent_demo_LDADD = agent/libdemo.a $(agent_test_libs)
tests_unit_test_agent_guard_LDADD = $(agent_test_libs)
tests_unit_test_agent_html_LDADD = $(agent_test_libs)
tests_unit_test_agent_http_SOURCES = \
	agent/clock.c agent/http.c agent/transfer.c \
	tests/unit/test_agent_http.c
tests_unit_test_agent_http_LDADD = $(agent_test_libs) $(CURL_LIBS)
tests_unit_test_agent_mask_LDADD = $(agent_test_libs)
tests_unit_test_agent_prompt_LDADD = $(agent_test_libs)
tests_unit_test_agent_refusals_LDADD = $(agent_test_libs)
tests_unit_test_agent_sse_CPPFLAGS = $(AM_CPPFLAGS) -DFIXTURES='"$(abs_top_srcdir)/tests/unit/fixtures/agent"'
tests_unit_test_agent_sse_LDADD = $(agent_test_libs)
