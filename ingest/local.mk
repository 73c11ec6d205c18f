# SPDX-License-Identifier: Apache-2.0
# ingest/: what foreign agents send, made ours. Pure: it knows no HTTP and no database. The decoder of OTLP's leaves is
# made of otlp.proto by protobuf-c's compiler.
noinst_LIBRARIES += ingest/libingest.a ingest/libotlp.a
nodist_ingest_libotlp_a_SOURCES = ingest/otlp.pb-c.c ingest/otlp.pb-c.h
# Generated code initialises as it likes.
ingest_libotlp_a_CFLAGS = $(AM_CFLAGS) -Wno-missing-braces
ingest_libingest_a_SOURCES = \
	ingest/agents.c ingest/agents.h \
	ingest/response.c ingest/response.h \
	ingest/arena.c ingest/arena.h \
	ingest/claude.c ingest/claude.h \
	ingest/delivery.c ingest/delivery.h \
	ingest/fault.c ingest/fault.h \
	ingest/flat.c ingest/flat.h \
	ingest/genkit.c ingest/genkit.h \
	ingest/gunzip.c ingest/gunzip.h \
	ingest/value.c ingest/value.h \
	ingest/items.c ingest/items.h \
	ingest/kept.c ingest/kept.h \
	ingest/langfuse.c ingest/langfuse.h \
	ingest/langsmith.c ingest/langsmith.h \
	ingest/langsmith_run.c ingest/langsmith_run.h \
	ingest/make.c ingest/make.h \
	ingest/make_session.c \
	ingest/mend.c ingest/mend.h \
	ingest/message.c ingest/message.h \
	ingest/multipart.c ingest/multipart.h \
	ingest/notes.c ingest/notes.h \
	ingest/otlp.c ingest/otlp.h \
	ingest/otlp_dialect.c \
	ingest/otlp_json.c \
	ingest/otlp_proto.c \
	ingest/otlp_response.c \
	ingest/redact.c ingest/redact.h \
	ingest/report.c ingest/report.h \
	ingest/rules.c ingest/rules.h \
	ingest/scan.c ingest/scan.h \
	ingest/sources.c ingest/sources.h \
	ingest/span.c ingest/span.h \
	ingest/step.h \
	ingest/step_id.c ingest/step_id.h \
	ingest/tool.c ingest/tool.h \
	ingest/tree.c ingest/tree.h \
	ingest/types.c ingest/types.h \
	ingest/usage.c ingest/usage.h \
	ingest/walk.c ingest/walk.h \
	ingest/when.c ingest/when.h
EXTRA_DIST += ingest/otlp.proto
BUILT_SOURCES += ingest/otlp.pb-c.h
CLEANFILES += ingest/otlp.pb-c.c ingest/otlp.pb-c.h
INGEST_LIBS = ingest/libingest.a ingest/libotlp.a base/libbase.a $(JSONC_LIBS) $(PROTOBUFC_LIBS) $(ZLIB_LIBS) -lm

ingest/otlp.pb-c.c: ingest/otlp.proto
	$(AM_V_GEN)$(MKDIR_P) ingest && $(PROTOC_C) --proto_path=$(top_srcdir) --c_out=. $(top_srcdir)/ingest/otlp.proto
ingest/otlp.pb-c.h: ingest/otlp.pb-c.c
# Other goals than `all` do not wait for what is built first.
ingest/otlp_proto.$(OBJEXT): ingest/otlp.pb-c.h

INGEST_UNIT_TESTS = \
	tests/unit/test_ingest_delivery \
	tests/unit/test_ingest_flat \
	tests/unit/test_ingest_meaning \
	tests/unit/test_ingest_reading \
	tests/unit/test_ingest_recordings
check_PROGRAMS += $(INGEST_UNIT_TESTS)
UNIT_TESTS += $(INGEST_UNIT_TESTS)
INGEST_TEST_LIBS = $(INGEST_LIBS) $(CMOCKA_LIBS)
tests_unit_test_ingest_delivery_SOURCES = \
	tests/unit/test_ingest_delivery.c \
	tests/unit/ingest_world.c tests/unit/ingest_world.h tests/unit/base.h
tests_unit_test_ingest_delivery_LDADD = $(INGEST_TEST_LIBS)
tests_unit_test_ingest_flat_LDADD = $(INGEST_TEST_LIBS)
tests_unit_test_ingest_meaning_LDADD = $(INGEST_TEST_LIBS)
tests_unit_test_ingest_reading_LDADD = $(INGEST_TEST_LIBS)
tests_unit_test_ingest_recordings_SOURCES = \
	tests/unit/test_ingest_recordings.c \
	tests/unit/ingest_world.c tests/unit/ingest_world.h tests/unit/base.h
tests_unit_test_ingest_recordings_CPPFLAGS = $(AM_CPPFLAGS) -DRECORDINGS='"$(abs_top_srcdir)/tests/clients/recorded"'
tests_unit_test_ingest_recordings_LDADD = $(INGEST_TEST_LIBS)
EXTRA_DIST += tests/clients/recorded
