# SPDX-License-Identifier: Apache-2.0
# agent/: trace-agent and the demo model. Ordinary clients: nothing of store/ and wire/.
bin_PROGRAMS += agent/trace-agent agent/demo-model

# What needs no server, no clock and no descriptor; the tests link it.
noinst_LIBRARIES += agent/libagent.a
agent_libagent_a_SOURCES = \
	agent/charsets.c agent/charsets.h \
	agent/conversation.c agent/conversation.h \
	agent/html.c agent/html.h \
	agent/jail.c agent/jail.h \
	agent/mask.c agent/mask.h \
	agent/mcp/lines.c agent/mcp/lines.h \
	agent/mcp/listing.c agent/mcp/listing.h \
	agent/mcp/message.c agent/mcp/message.h \
	agent/mcp/outcome.c agent/mcp/outcome.h \
	agent/mcp/servers.c agent/mcp/servers.h \
	agent/member.h \
	agent/model/budget.c agent/model/budget.h \
	agent/model/calls.c agent/model/calls.h \
	agent/model/diagnosis.c agent/model/diagnosis.h \
	agent/model/events.c agent/model/events.h \
	agent/model/finish.c agent/model/finish.h \
	agent/model/habits.c agent/model/habits.h \
	agent/model/notation.c agent/model/notation.h \
	agent/model/notation_named.c agent/model/notation_named.h \
	agent/model/parts.c agent/model/parts.h \
	agent/model/repair.c agent/model/repair.h \
	agent/model/reply.c agent/model/reply.h \
	agent/model/request.c agent/model/request.h \
	agent/model/text.h \
	agent/model/thinking.c agent/model/thinking.h \
	agent/model/trouble.c agent/model/trouble.h \
	agent/model/verdict.c agent/model/verdict.h \
	agent/model/written.c agent/model/written.h \
	agent/percent.c agent/percent.h \
	agent/prompt.c agent/prompt.h \
	agent/refusals.c agent/refusals.h \
	agent/sources.c agent/sources.h \
	agent/sse.c agent/sse.h \
	agent/visible.c agent/visible.h \
	agent/visit.c agent/visit.h
agent_libagent_libs = agent/libagent.a base/libbase.a $(JANSSON_LIBS) $(GUMBO_LIBS) $(SECCOMP_LIBS)

agent_trace_agent_SOURCES = \
	agent/answer.c agent/answer.h \
	agent/context.c agent/context.h \
	agent/crew.c agent/crew.h \
	agent/duty.c agent/duty.h \
	agent/exchange.c agent/exchange.h \
	agent/http.c agent/http.h \
	agent/lent.c agent/lent.h \
	agent/listen.c agent/listen.h \
	agent/loop.c agent/loop.h \
	agent/main.c \
	agent/mcp/catalog.c agent/mcp/catalog.h \
	agent/mcp/child.c agent/mcp/child.h \
	agent/mcp/client.c agent/mcp/client.h \
	agent/mcp/fence.c agent/mcp/fence.h \
	agent/mcp/link.c agent/mcp/link.h \
	agent/mcp/remote.c \
	agent/mcp/scout.c agent/mcp/scout.h \
	agent/mcp/stdio.c \
	agent/mcp/toolbox.c agent/mcp/toolbox.h \
	agent/model.c agent/model.h \
	agent/page_child.c \
	agent/page_text.c agent/page_text.h \
	agent/probe.c agent/probe.h \
	agent/question.c agent/question.h \
	agent/record.c agent/record.h \
	agent/remains.c agent/remains.h \
	agent/rest.c agent/rest.h \
	agent/run.c agent/run.h \
	agent/seat.c agent/seat.h \
	agent/self.c agent/self.h \
	agent/settings.c agent/settings.h \
	agent/thought.c agent/thought.h \
	agent/tools.c agent/tools.h \
	agent/tools_visit_page.c \
	agent/tools_web_search.c \
	agent/tools_workspace_search.c \
	agent/toolwork.c agent/toolwork.h \
	agent/transfer.c agent/transfer.h
agent_trace_agent_LDADD = emitter/libemitter.a $(agent_libagent_libs) base/libbase.a $(CURL_LIBS) -lpthread -lm

noinst_LIBRARIES += agent/libdemo.a
agent_libdemo_a_SOURCES = \
	agent/demo/conn.c agent/demo/conn.h \
	agent/demo/fault.c agent/demo/fault.h \
	agent/demo/findings.c agent/demo/findings.h \
	agent/demo/plan.c agent/demo/plan.h \
	agent/demo/request.c agent/demo/request.h \
	agent/demo/script.c agent/demo/script.h \
	agent/demo/words.c agent/demo/words.h

agent_demo_model_SOURCES = agent/demo/main.c
agent_demo_model_LDADD = agent/libdemo.a $(agent_libagent_libs)

agent_test_libs = $(agent_libagent_libs) $(CMOCKA_LIBS)
AGENT_TESTS = \
	tests/unit/test_agent_conversation \
	tests/unit/test_agent_demo \
	tests/unit/test_agent_fence \
	tests/unit/test_agent_html \
	tests/unit/test_agent_http \
	tests/unit/test_agent_jail \
	tests/unit/test_agent_mask \
	tests/unit/test_agent_model \
	tests/unit/test_agent_prompt \
	tests/unit/test_agent_refusals \
	tests/unit/test_agent_diagnosis \
	tests/unit/test_agent_server \
	tests/unit/test_agent_sse \
	tests/unit/test_agent_visible \
	tests/unit/test_agent_visit
check_PROGRAMS += $(AGENT_TESTS)
UNIT_TESTS += $(AGENT_TESTS)
EXTRA_DIST += tests/unit/fixtures/agent
tests_unit_test_agent_conversation_LDADD = $(agent_test_libs)
tests_unit_test_agent_demo_LDADD = agent/libdemo.a $(agent_test_libs)
tests_unit_test_agent_fence_SOURCES = agent/mcp/fence.c tests/unit/test_agent_fence.c
tests_unit_test_agent_fence_LDADD = $(agent_test_libs)
tests_unit_test_agent_html_LDADD = $(agent_test_libs)
tests_unit_test_agent_jail_LDADD = $(agent_test_libs)
tests_unit_test_agent_http_SOURCES = \
	agent/http.c agent/transfer.c \
	tests/unit/test_agent_http.c
tests_unit_test_agent_http_LDADD = $(agent_test_libs) $(CURL_LIBS)
tests_unit_test_agent_mask_LDADD = $(agent_test_libs)
tests_unit_test_agent_model_LDADD = $(agent_test_libs)
tests_unit_test_agent_prompt_LDADD = $(agent_test_libs)
tests_unit_test_agent_refusals_LDADD = $(agent_test_libs)
tests_unit_test_agent_diagnosis_LDADD = $(agent_test_libs)
tests_unit_test_agent_server_LDADD = $(agent_test_libs)
tests_unit_test_agent_sse_CPPFLAGS = $(AM_CPPFLAGS) -DFIXTURES='"$(abs_top_srcdir)/tests/unit/fixtures/agent"'
tests_unit_test_agent_sse_LDADD = $(agent_test_libs)
tests_unit_test_agent_visible_LDADD = $(agent_test_libs)
tests_unit_test_agent_visit_LDADD = $(agent_test_libs)
