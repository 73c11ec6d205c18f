# SPDX-License-Identifier: Apache-2.0
# emitter/: libagenttrace. Stands alone: libcurl and jansson, nothing of the other rooms.
emitter_sources = \
	emitter/agenttrace.h \
	emitter/emit_answer.c emitter/emit_answer.h \
	emitter/emit_batch.c emitter/emit_batch.h \
	emitter/emit_body.c emitter/emit_body.h \
	emitter/emit_buf.c emitter/emit_buf.h \
	emitter/emit_core.c emitter/emit_core.h \
	emitter/emit_http.c \
	emitter/emit_id.c emitter/emit_id.h \
	emitter/emit_json.c emitter/emit_json.h \
	emitter/emit_lane.c emitter/emit_lane.h \
	emitter/emit_notice.c emitter/emit_notice.h \
	emitter/emit_ops.c emitter/emit_ops.h \
	emitter/emit_progress.c emitter/emit_progress.h \
	emitter/emit_queue.c emitter/emit_queue.h \
	emitter/emit_reply.c emitter/emit_reply.h \
	emitter/emit_retry.c emitter/emit_retry.h \
	emitter/emit_sender.c emitter/emit_sender.h \
	emitter/emit_sources.c emitter/emit_sources.h \
	emitter/emit_utf8.c emitter/emit_utf8.h \
	emitter/emit_watch.c emitter/emit_watch.h \
	emitter/trace_ask.c \
	emitter/trace_emitter.c \
	emitter/trace_message.c \
	emitter/trace_session.c \
	emitter/trace_step.c
emitter_libs = $(CURL_LIBS) $(JANSSON_LIBS) -lpthread -lm

# The library as it is installed, and the same objects for the programs of this tree.
lib_LTLIBRARIES += emitter/libagenttrace.la
emitter_libagenttrace_la_SOURCES = $(emitter_sources)
# Flags of its own keep its objects apart from the archive below.
emitter_libagenttrace_la_CFLAGS = $(AM_CFLAGS)
emitter_libagenttrace_la_LDFLAGS = -version-info 0:0:0 -export-symbols-regex '^trace_' -no-undefined -Wl,-z,relro,-z,now
emitter_libagenttrace_la_LIBADD = $(emitter_libs)
include_HEADERS += emitter/agenttrace.h

noinst_LIBRARIES += emitter/libemitter.a
emitter_libemitter_a_SOURCES = $(emitter_sources)

pkgconfig_DATA = emitter/libagenttrace.pc
man_MANS += emitter/agenttrace.3
EXTRA_DIST += emitter/NOTICE emitter/README.md emitter/agenttrace.3 emitter/examples/record.c emitter/examples/record.sh

# The example is compiled as a stranger would, against the header and the library of this tree.
check_PROGRAMS += emitter/examples/record
emitter_examples_record_SOURCES = emitter/examples/record.c
emitter_examples_record_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/emitter
emitter_examples_record_LDADD = emitter/libemitter.a $(emitter_libs)

emitter_test_libs = emitter/libemitter.a $(emitter_libs) $(CMOCKA_LIBS)
emitter_test_world = \
	tests/unit/test_emitter_memory.c tests/unit/test_emitter_memory.h \
	tests/unit/test_emitter_model.c tests/unit/test_emitter_model.h \
	tests/unit/test_emitter_world.c tests/unit/test_emitter_world.h
EMITTER_TESTS = \
	tests/unit/test_emitter_away \
	tests/unit/test_emitter_calls \
	tests/unit/test_emitter_chaos \
	tests/unit/test_emitter_ended \
	tests/unit/test_emitter_parts \
	tests/unit/test_emitter_progress
check_PROGRAMS += $(EMITTER_TESTS)
UNIT_TESTS += $(EMITTER_TESTS)
tests_unit_test_emitter_away_SOURCES = tests/unit/test_emitter_away.c $(emitter_test_world)
tests_unit_test_emitter_away_LDADD = $(emitter_test_libs)
tests_unit_test_emitter_calls_SOURCES = tests/unit/test_emitter_calls.c $(emitter_test_world)
tests_unit_test_emitter_calls_LDADD = $(emitter_test_libs)
tests_unit_test_emitter_chaos_SOURCES = tests/unit/test_emitter_chaos.c $(emitter_test_world)
tests_unit_test_emitter_chaos_LDADD = $(emitter_test_libs)
tests_unit_test_emitter_ended_SOURCES = tests/unit/test_emitter_ended.c $(emitter_test_world)
tests_unit_test_emitter_ended_LDADD = $(emitter_test_libs)
tests_unit_test_emitter_parts_LDADD = $(emitter_test_libs)
tests_unit_test_emitter_progress_LDADD = $(emitter_test_libs)

# What the tests of the emitter over HTTP run.
check_PROGRAMS += tests/integration/emitter_driver
tests_integration_emitter_driver_LDADD = emitter/libemitter.a $(emitter_libs)
check_PROGRAMS += tests/clients/driver
tests_clients_driver_LDADD = emitter/libemitter.a $(emitter_libs)
