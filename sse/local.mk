# SPDX-License-Identifier: Apache-2.0
# sse/: the pusher. What thinks is in an archive of its own, so that tests and the fuzzers link it without the rest.
noinst_LIBRARIES += sse/libpusher.a
sse_libpusher_a_SOURCES = \
	sse/batch.c sse/batch.h \
	sse/dialect.c sse/dialect.h sse/dialect_parts.h \
	sse/dialect_ag_ui.c \
	sse/dialect_ai_sdk.c \
	sse/dialect_print.c sse/dialect_print.h \
	sse/dialect_read.c sse/dialect_read.h \
	sse/dialect_room.c sse/dialect_room.h \
	sse/event_bound.c sse/event_bound.h \
	sse/feed.c sse/feed.h \
	sse/feed_dialect.c sse/feed_dialect.h \
	sse/frame.c sse/frame.h \
	sse/head.c sse/head.h \
	sse/outbox.c sse/outbox.h \
	sse/principals.c sse/principals.h \
	sse/quota.c sse/quota.h \
	sse/revoked.c sse/revoked.h \
	sse/ring.c sse/ring.h \
	sse/room.c sse/room.h sse/room_ask.c \
	sse/room_events.c sse/room_events.h \
	sse/room_steps.c sse/room_steps.h \
	sse/rooms.c sse/rooms.h \
	sse/step.c sse/step.h \
	sse/stream_format.c sse/stream_format.h \
	sse/subscriber.h \
	sse/text.c sse/text.h \
	sse/wheel.c sse/wheel.h \
	sse/write_queue.h

libexec_PROGRAMS += sse/trace-pusher
sse_trace_pusher_SOURCES = \
	sse/answers.c sse/answers.h \
	sse/conn.c sse/conn.h sse/conn_parts.h sse/conn_write.c \
	sse/counters.h \
	sse/db.c sse/db.h \
	sse/handoffs.c sse/handoffs.h \
	sse/hints.c sse/hints.h \
	sse/loop.c sse/loop.h \
	sse/main.c \
	sse/metrics.c sse/metrics.h \
	sse/peer.c sse/peer.h \
	sse/pusher.h \
	sse/queries.c sse/queries.h \
	sse/relay.c sse/relay.h \
	sse/request.c sse/request.h 
sse_trace_pusher_LDADD = sse/libpusher.a $(TRACE_LIBS) $(PQ_LIBS)

SSE_UNIT_TESTS = tests/unit/test_sse_answers tests/unit/test_sse_event_bound tests/unit/test_sse_feed tests/unit/test_sse_forget tests/unit/test_sse_parts tests/unit/test_sse_quota \
	tests/unit/test_sse_opening tests/unit/test_sse_relay tests/unit/test_sse_reopen tests/unit/test_sse_room tests/unit/test_sse_rooms tests/unit/test_sse_text tests/unit/test_sse_world
check_PROGRAMS += $(SSE_UNIT_TESTS)
UNIT_TESTS += $(SSE_UNIT_TESTS)
SSE_TEST_LIBS = sse/libpusher.a $(TRACE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_sse_answers_SOURCES = tests/unit/test_sse_answers.c sse/queries.c
tests_unit_test_sse_answers_LDADD = $(SSE_TEST_LIBS) $(PQ_LIBS)
tests_unit_test_sse_event_bound_LDADD = $(SSE_TEST_LIBS) $(JANSSON_LIBS)
tests_unit_test_sse_feed_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_forget_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_parts_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_quota_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_opening_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_relay_SOURCES = tests/unit/test_sse_relay.c sse/hints.c sse/relay.c
tests_unit_test_sse_relay_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_reopen_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_room_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_rooms_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_text_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_world_LDADD = $(SSE_TEST_LIBS)

# What nginx never sends to the hand-over socket: run by tests/integration/handoff.test.mjs.
check_PROGRAMS += tests/integration/handoff_driver tests/integration/handoff_quitter
tests_integration_handoff_driver_LDADD = wire/libwire.a base/libbase.a
tests_integration_handoff_quitter_LDADD = wire/libwire.a base/libbase.a
