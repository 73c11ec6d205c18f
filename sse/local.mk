# sse/: the pusher. What thinks is in an archive of its own, so that tests and the fuzzers link it without the rest.
noinst_LIBRARIES += sse/libpusher.a
sse_libpusher_a_SOURCES = \
	sse/batch.c sse/batch.h \
	sse/cursor.c sse/cursor.h \
	sse/door.c sse/door.h \
	sse/feed.c sse/feed.h \
	sse/frame.c sse/frame.h \
	sse/greeting.c sse/greeting.h \
	sse/head.c sse/head.h \
	sse/list.h \
	sse/numbers.c sse/numbers.h \
	sse/outbox.c sse/outbox.h \
	sse/ready.h \
	sse/revoked.c sse/revoked.h \
	sse/ring.c sse/ring.h \
	sse/room.c sse/room.h \
	sse/rooms.c sse/rooms.h \
	sse/step.c sse/step.h \
	sse/text.c sse/text.h \
	sse/texts.c sse/texts.h \
	sse/wheel.c sse/wheel.h

libexec_PROGRAMS += sse/trace-pusher
sse_trace_pusher_SOURCES = \
	sse/conn.c sse/conn.h \
	sse/db.c sse/db.h \
	sse/hints.c sse/hints.h \
	sse/listener.c sse/listener.h \
	sse/loop.c sse/loop.h \
	sse/main.c \
	sse/metrics.c sse/metrics.h \
	sse/pusher.h \
	sse/questions.c sse/questions.h \
	sse/request.c sse/request.h \
	sse/watch.c sse/watch.h
sse_trace_pusher_LDADD = sse/libpusher.a lib/libtrace.a $(PQ_LIBS)

SSE_UNIT_TESTS = tests/unit/test_sse_feed tests/unit/test_sse_forget tests/unit/test_sse_listener tests/unit/test_sse_parts \
	tests/unit/test_sse_request tests/unit/test_sse_room tests/unit/test_sse_rooms tests/unit/test_sse_text tests/unit/test_sse_world
check_PROGRAMS += $(SSE_UNIT_TESTS)
UNIT_TESTS += $(SSE_UNIT_TESTS)
SSE_TEST_LIBS = sse/libpusher.a lib/libtrace.a $(CMOCKA_LIBS)
tests_unit_test_sse_feed_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_forget_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_listener_SOURCES = tests/unit/test_sse_listener.c sse/listener.c
tests_unit_test_sse_listener_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_parts_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_request_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_room_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_rooms_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_text_LDADD = $(SSE_TEST_LIBS)
tests_unit_test_sse_world_LDADD = $(SSE_TEST_LIBS)
