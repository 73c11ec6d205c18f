# SPDX-License-Identifier: Apache-2.0
# tests/fuzz/: one target for each parser of what strangers send. In the unit suite a target replays its corpus; `make fuzz`
# builds the same programs for libFuzzer, whose main() then comes before the one in libreplay.a.
noinst_LIBRARIES += tests/fuzz/libreplay.a
tests_fuzz_libreplay_a_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_libreplay_a_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_top_srcdir)/tests/fuzz/corpus"'
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/fuzz.sh

FUZZ_TARGETS = \
	tests/fuzz/fuzz_agent_html \
	tests/fuzz/fuzz_agent_mask \
	tests/fuzz/fuzz_agent_mcp \
	tests/fuzz/fuzz_agent_model \
	tests/fuzz/fuzz_agent_repair \
	tests/fuzz/fuzz_agent_request \
	tests/fuzz/fuzz_agent_sse \
	tests/fuzz/fuzz_batch \
	tests/fuzz/fuzz_body \
	tests/fuzz/fuzz_cursor \
	tests/fuzz/fuzz_demo_request \
	tests/fuzz/fuzz_emitter_answer \
	tests/fuzz/fuzz_fields \
	tests/fuzz/fuzz_handoff \
	tests/fuzz/fuzz_head \
	tests/fuzz/fuzz_hint \
	tests/fuzz/fuzz_ingest_agents \
	tests/fuzz/fuzz_ingest_genkit \
	tests/fuzz/fuzz_ingest_gzip \
	tests/fuzz/fuzz_ingest_json \
	tests/fuzz/fuzz_ingest_langfuse \
	tests/fuzz/fuzz_ingest_multipart \
	tests/fuzz/fuzz_ingest_otlp_json \
	tests/fuzz/fuzz_ingest_otlp_proto \
	tests/fuzz/fuzz_ingest_runs \
	tests/fuzz/fuzz_intake \
	tests/fuzz/fuzz_mentions \
	tests/fuzz/fuzz_relay \
	tests/fuzz/fuzz_room_name \
	tests/fuzz/fuzz_route \
	tests/fuzz/fuzz_sources \
	tests/fuzz/fuzz_sse_hints \
	tests/fuzz/fuzz_step \
	tests/fuzz/fuzz_subscription \
	tests/fuzz/fuzz_utf8
check_PROGRAMS += $(FUZZ_TARGETS)
UNIT_TESTS += $(FUZZ_TARGETS)
FUZZ_INGEST_LIBS = tests/fuzz/libreplay.a $(INGEST_LIBS) $(JANSSON_LIBS)
FUZZ_CGI_LIBS = cgi/libcgi.a $(TRACE_LIBS) $(JANSSON_LIBS) $(PQ_LIBS) $(RE2_LIBS)
# -fsanitize=fuzzer, given by fuzz.sh, in a build directory of its own that holds nothing else.
FUZZ_LINK =
AM_LDFLAGS += $(FUZZ_LINK)
tests_fuzz_fuzz_relay_LDADD = tests/fuzz/libreplay.a relay/librelay.a wire/libwire.a base/libbase.a $(CRYPTO_LIBS)
tests_fuzz_fuzz_agent_model_LDADD = tests/fuzz/libreplay.a $(agent_libagent_libs)
tests_fuzz_fuzz_agent_repair_LDADD = tests/fuzz/libreplay.a $(agent_libagent_libs)
tests_fuzz_fuzz_agent_mcp_LDADD = tests/fuzz/libreplay.a $(agent_libagent_libs)
tests_fuzz_fuzz_agent_request_LDADD = tests/fuzz/libreplay.a $(agent_libagent_libs)
tests_fuzz_fuzz_agent_html_LDADD = tests/fuzz/libreplay.a $(agent_libagent_libs)
tests_fuzz_fuzz_agent_mask_LDADD = tests/fuzz/libreplay.a $(agent_libagent_libs)
tests_fuzz_fuzz_agent_sse_LDADD = tests/fuzz/libreplay.a $(agent_libagent_libs)
tests_fuzz_fuzz_batch_SOURCES = tests/fuzz/fuzz_batch.c cgi/trace_batch_lines.c cgi/trace_repeat.c cgi/trace_step_body.c \
	cgi/trace_step_mark.c
tests_fuzz_fuzz_batch_LDADD = tests/fuzz/libreplay.a $(FUZZ_CGI_LIBS)
tests_fuzz_fuzz_body_LDADD = tests/fuzz/libreplay.a $(FUZZ_CGI_LIBS)
tests_fuzz_fuzz_cursor_LDADD = tests/fuzz/libreplay.a $(TRACE_LIBS)
tests_fuzz_fuzz_demo_request_LDADD = tests/fuzz/libreplay.a agent/libdemo.a $(agent_libagent_libs)
tests_fuzz_fuzz_emitter_answer_LDADD = tests/fuzz/libreplay.a emitter/libemitter.a $(emitter_libs)
tests_fuzz_fuzz_fields_LDADD = tests/fuzz/libreplay.a $(FUZZ_CGI_LIBS)
tests_fuzz_fuzz_handoff_LDADD = tests/fuzz/libreplay.a $(TRACE_LIBS)
tests_fuzz_fuzz_head_LDADD = tests/fuzz/libreplay.a sse/libpusher.a $(TRACE_LIBS)
tests_fuzz_fuzz_hint_LDADD = tests/fuzz/libreplay.a $(TRACE_LIBS)
tests_fuzz_fuzz_ingest_agents_LDADD = $(FUZZ_INGEST_LIBS)
tests_fuzz_fuzz_ingest_genkit_LDADD = $(FUZZ_INGEST_LIBS)
tests_fuzz_fuzz_ingest_gzip_LDADD = $(FUZZ_INGEST_LIBS)
tests_fuzz_fuzz_ingest_json_LDADD = $(FUZZ_INGEST_LIBS)
tests_fuzz_fuzz_ingest_langfuse_LDADD = $(FUZZ_INGEST_LIBS)
tests_fuzz_fuzz_ingest_multipart_LDADD = $(FUZZ_INGEST_LIBS)
tests_fuzz_fuzz_ingest_otlp_json_LDADD = $(FUZZ_INGEST_LIBS)
tests_fuzz_fuzz_ingest_otlp_proto_LDADD = $(FUZZ_INGEST_LIBS)
tests_fuzz_fuzz_ingest_runs_LDADD = $(FUZZ_INGEST_LIBS)
tests_fuzz_fuzz_intake_LDADD = tests/fuzz/libreplay.a $(FUZZ_CGI_LIBS)
tests_fuzz_fuzz_mentions_SOURCES = tests/fuzz/fuzz_mentions.c cgi/mentions.c
tests_fuzz_fuzz_mentions_LDADD = tests/fuzz/libreplay.a $(TRACE_LIBS)
tests_fuzz_fuzz_room_name_LDADD = tests/fuzz/libreplay.a $(TRACE_LIBS)
tests_fuzz_fuzz_route_LDADD = tests/fuzz/libreplay.a $(FUZZ_CGI_LIBS)
tests_fuzz_fuzz_sources_LDADD = tests/fuzz/libreplay.a $(FUZZ_CGI_LIBS)
tests_fuzz_fuzz_sse_hints_LDADD = tests/fuzz/libreplay.a sse/libpusher.a $(TRACE_LIBS)
tests_fuzz_fuzz_step_SOURCES = tests/fuzz/fuzz_step.c cgi/trace_step_body.c
tests_fuzz_fuzz_step_LDADD = tests/fuzz/libreplay.a $(FUZZ_CGI_LIBS)
tests_fuzz_fuzz_subscription_LDADD = tests/fuzz/libreplay.a $(TRACE_LIBS)
tests_fuzz_fuzz_utf8_LDADD = tests/fuzz/libreplay.a emitter/libemitter.a $(TRACE_LIBS) $(emitter_libs)

# Each target for TIME seconds, or `make fuzz TIME=900 ONLY=door`.
TIME = 60
ONLY =
fuzz-targets: $(FUZZ_TARGETS)
print-fuzz-targets:
	@printf '%s\n' $(FUZZ_TARGETS)
fuzz:
	$(top_srcdir)/tests/fuzz/fuzz.sh $(TIME) $(ONLY)
.PHONY: fuzz fuzz-targets print-fuzz-targets
