// SPDX-License-Identifier: Apache-2.0
// Feeds: replay, snapshot and live; positions of several rooms; readers that are behind.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "tests/unit/sse.h"

static struct reader r;

static void first_what_was_missed_then_the_present_then_live(void **state)
{
    (void)state;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, STRM, 1, 3);
    assert_string_equal(reader_read(&r), "");
    answer_events(room, 2, 3, true);
    assert_string_equal(reader_read(&r), "id: 2\nevent: row\ndata: {}\n\nid: 3\nevent: row\ndata: {}\n\n");
    // The snapshot has been asked for: what is ephemeral waits behind it, what is numbered does not.
    tell(STRM, 0, 0, 0);
    tell(STRM, 4, 0, 0);
    assert_string_equal(reader_read(&r), "id: 4\nevent: e\ndata: {}\n\n");
    answer_snapshot(room, "[]");
    assert_string_equal(reader_read(&r), "event: snapshot\ndata: []\n\nevent: e\ndata: {}\n\n");
    tell(STRM, 5, 0, 0);
    tell(STRM, 0, 0, 0);
    assert_string_equal(reader_read(&r), "id: 5\nevent: e\ndata: {}\n\nevent: e\ndata: {}\n\n");
    reader_close(&r);
}

static void an_answer_to_an_older_question_will_not_do(void **state)
{
    (void)state;
    struct frame *old = frame_event(0, STR("old"), STR("{}"));
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, STRM, 0, 0);
    room_ask_snapshot(room); // before this reader asked
    (void)reader_read(&r);
    room_snapshot(room, old);
    frame_unref(old);
    assert_string_equal(reader_read(&r), "");
    answer_snapshot(room, "{}");
    assert_string_equal(reader_read(&r), "event: snapshot\ndata: {}\n\n");
    reader_close(&r);
}

static void a_position_for_every_room(void **state)
{
    (void)state;
    reader_open(&r, 4);
    struct room *session = reader_join(&r, 0, SES, 10, 10);
    (void)reader_join(&r, 1, PER, 0, 0);
    (void)reader_join(&r, 3, STRM, 7, 7);
    (void)session;
    (void)reader_read(&r);
    tell(STRM, 8, 0, 0);
    tell(SES, 11, HINT_ENDS_ROOM, 0);
    answer_state(session, 11, true, 0, NULL);
    tell(PER, 5, 0, 0); // its numbers mean nothing
    assert_string_equal(reader_read(&r),
                        "id: 11.-.-.7\nevent: e\ndata: {}\n\nevent: end\ndata: {\"room\":\"" SES "\"}\n\n"
                        "event: e\ndata: {}\n\nid: 11.-.-.8\nevent: e\ndata: {}\n\n");
    assert_int_equal(r.outcome, FEED_WAITS);
    reader_close(&r);
}

static void tell_large(const char *room, int64_t seq, size_t n)
{
    struct buf body = {0};
    buf_char(&body, '"');
    while (body.n < n)
        buf_char(&body, 'x');
    buf_char(&body, '"');
    rooms_hint(&rooms, &(struct hint){.seq = seq, .room = str_from(room), .name = STR("e"), .body = buf_view(&body)});
    buf_fini(&body);
}

// Reads one batch of at most about `most` bytes, as much as a slow connection takes at a time.
static const char *read_once(size_t most)
{
    static struct batch batch;
    batch_init(&batch, most);
    buf_clear(&r.got);
    r.outcome = feed_pull(r.feed, &batch, false);
    for (unsigned i = 0; i < batch.n; i++)
        buf_bytes(&r.got, batch.part[i].iov_base, batch.part[i].iov_len);
    batch_clear(&batch);
    return buf_cstr(&r.got);
}

static void a_busy_room_leaves_the_others_their_turn(void **state)
{
    (void)state;
    reader_open(&r, 2);
    (void)reader_join(&r, 0, SES, 0, 0);
    (void)reader_join(&r, 1, STRM, 0, 0);
    (void)reader_read(&r);
    for (int64_t seq = 1; seq <= 12; seq++)
        tell_large(SES, seq, 3000);
    for (int64_t seq = 1; seq <= 3; seq++)
        tell_large(STRM, seq, 100);
    const char *got = read_once(16 * 1024);
    const char *quiet = strstr(got, ".1\n");
    assert_non_null(quiet);
    assert_true(quiet - got < 12 * 1024);
    assert_non_null(strstr(got, ".3\n"));
    // Each room in its own order, to the end.
    struct buf all = {0};
    buf_str(&all, str_from(got));
    while (r.outcome == FEED_MORE)
        buf_str(&all, str_from(read_once(16 * 1024)));
    const char *at = buf_cstr(&all);
    for (int seq = 1; seq <= 12; seq++) {
        char id[32];
        (void)snprintf(id, sizeof id, "id: %d.", seq);
        at = strstr(at, id);
        assert_non_null(at);
    }
    buf_fini(&all);
    reader_close(&r);
}

// What is shared is bytes, not events: of two busy rooms, the one with large events hands over fewer of them.
static void large_events_are_paid_for_with_later_turns(void **state)
{
    (void)state;
    size_t large = 0, small = 0;
    reader_open(&r, 2);
    (void)reader_join(&r, 0, SES, 0, 0);
    (void)reader_join(&r, 1, STRM, 0, 0);
    (void)reader_read(&r);
    for (int64_t seq = 1; seq <= 3; seq++)
        tell_large(SES, seq, 20000);
    for (int64_t seq = 1; seq <= 16; seq++)
        tell_large(STRM, seq, 3500);
    int64_t last[2] = {0};
    for (int i = 0; i < 20 && large < 3; i++) {
        const char *got = read_once(4096);
        for (const char *at = got; (at = strstr(at, "id: ")); at++) {
            long long ids[2];
            (void)sscanf(at, "id: %lld.%lld", &ids[0], &ids[1]);
            large += ids[0] > last[0];
            small += ids[1] > last[1];
            last[0] = ids[0];
            last[1] = ids[1];
        }
        assert_true(large * 20000 <= small * 3500 + 30000 && small * 3500 <= large * 20000 + 30000);
    }
    assert_int_equal(large, 3);
    (void)reader_read(&r);
    reader_close(&r);
}

static void those_who_come_back_together_cost_one_question(void **state)
{
    (void)state;
    struct reader many[5];
    struct room *room = NULL;
    for (int i = 0; i < 5; i++) {
        reader_open(&many[i], 1);
        room = reader_join(&many[i], 0, STRM, 40 + i, 50);
        assert_string_equal(reader_read(&many[i]), "");
    }
    answer_events(room, 41, 50, true);
    for (int i = 0; i < 5; i++) {
        char last[32];
        const char *got = reader_read(&many[i]);
        (void)snprintf(last, sizeof last, "id: %d\n", 41 + i);
        assert_memory_equal(got, last, strlen(last));
        assert_non_null(strstr(got, "id: 50\n"));
        reader_close(&many[i]);
    }
}

static void far_apart_readers_take_turns_with_holes(void **state)
{
    (void)state;
    struct reader far;
    reader_open(&r, 1);
    reader_open(&far, 1);
    struct room *room = reader_join(&r, 0, STRM, 900, 1000);
    (void)reader_join(&far, 0, STRM, 100, 1000);
    (void)reader_read(&r);
    (void)reader_read(&far);
    int64_t first = room_ask_events(room);
    int64_t second = room_ask_events(room);
    assert_true((first == 900 && second == 100) || (first == 100 && second == 900));
    tell(STRM, 1002, 0, 0);
    first = room_ask_events(room);
    second = room_ask_events(room);
    assert_true((first == 1000) != (second == 1000));
    reader_close(&r);
    reader_close(&far);
}

static void open_session(struct room **room)
{
    reader_open(&r, 1);
    *room = reader_join(&r, 0, SES, 0, 0);
    answer_state(*room, 0, false, 0, NULL);
    tell(SES, 1, HINT_OPENS_STEP, 1);
    (void)reader_read(&r);
}

static void what_the_snapshot_told_is_not_told_again(void **state)
{
    (void)state;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, SES, 0, 0);
    (void)reader_read(&r);
    tell(SES, 1, HINT_OPENS_STEP, 1);
    tell_text(SES, 1, 1, -1, "ab");
    tell_text(SES, 1, 2, 2, "cd");
    (void)reader_read(&r);
    answer_state(room, 0, false, 0, NULL);
    const char *got = reader_read(&r);
    assert_non_null(strstr(got, "\"content\":\"abcd\""));
    assert_null(strstr(got, "\"content\":\"ab\""));
    assert_null(strstr(got, "delta"));
    tell_text(SES, 1, 3, 4, "ef");
    assert_non_null(strstr(reader_read(&r), "\"delta\":\"ef\",\"offset\":4"));
    reader_close(&r);
}

static void text_collapses_for_who_is_behind(void **state)
{
    (void)state;
    struct room *room;
    open_session(&room);
    tell_text(SES, 1, 1, -1, "ab");
    (void)reader_read(&r);
    tell_text(SES, 1, 2, 2, "cd");
    tell_text(SES, 1, 3, 4, "ef");
    tell(SES, 2, 0, 0);
    tell_text(SES, 1, 4, 6, "gh");
    const char *got = reader_pull(&r, 1 << 20, true);
    assert_non_null(strstr(got, "id: 2\n"));
    assert_non_null(strstr(got, "\"delta\":\"cdefgh\",\"offset\":2"));
    assert_null(strstr(got, "\"delta\":\"cd\""));
    assert_int_equal(rooms.counts.collapsed, 2);
    // Over a replacement only the whole will do.
    tell_text(SES, 1, 5, 8, "ij");
    tell_text(SES, 1, 6, -1, "new");
    tell_text(SES, 1, 7, 3, "er");
    got = reader_pull(&r, 1 << 20, true);
    assert_non_null(strstr(got, "\"content\":\"newer\""));
    assert_null(strstr(got, "delta"));
    // In time: as it came.
    tell_text(SES, 1, 8, 5, "1");
    tell_text(SES, 1, 9, 6, "2");
    got = reader_read(&r);
    assert_non_null(strstr(got, "\"delta\":\"1\",\"offset\":5"));
    assert_non_null(strstr(got, "\"delta\":\"2\",\"offset\":6"));
    reader_close(&r);
}

static void who_was_interrupted_while_skipping_gets_the_whole(void **state)
{
    (void)state;
    struct room *room;
    open_session(&room);
    tell_text(SES, 1, 1, -1, "ab");
    (void)reader_read(&r);
    tell_text(SES, 1, 2, 2, "cd");
    tell(SES, 2, 0, 0);
    tell(SES, 3, 0, 0);
    tell_text(SES, 1, 3, 4, "ef");
    // Batches so small that each takes one event.
    assert_non_null(strstr(reader_pull(&r, 1, true), "\"content\":\"abcdef\""));
    reader_close(&r);
}

static void more_steps_than_can_be_remembered(void **state)
{
    (void)state;
    struct room *room;
    rooms.limits.text_bytes = 1 << 20;
    open_session(&room);
    room->ring.most = 64;
    for (int64_t step = 2; step <= 12; step++)
        tell(SES, step, HINT_OPENS_STEP, step);
    for (int64_t step = 1; step <= 12; step++)
        tell_text(SES, step, 1, -1, "a");
    (void)reader_pull(&r, 1 << 20, false);
    for (int64_t step = 1; step <= 12; step++)
        tell_text(SES, step, 2, 1, "b");
    for (int64_t step = 1; step <= 12; step++)
        tell_text(SES, step, 3, 2, "c");
    const char *got = reader_pull(&r, 1 << 20, true);
    int wholes = 0;
    for (const char *at = got; (at = strstr(at, "\"content\":\"abc\"")); at++)
        wholes++;
    assert_int_equal(wholes, 12);
    reader_close(&r);
}

static void who_is_overtaken_goes_on_by_number(void **state)
{
    (void)state;
    struct room *room;
    open_session(&room);
    for (int64_t seq = 2; seq <= 40; seq++)
        tell(SES, seq, 0, 0);
    tell_text(SES, 1, 1, -1, "text");
    assert_string_equal(reader_read(&r), "");
    assert_true(room->wants & WANT_EVENTS);
    answer_events(room, 2, 40, true);
    const char *got = reader_read(&r);
    assert_memory_equal(got, "id: 2\n", 6);
    assert_non_null(strstr(got, "id: 40\n"));
    assert_non_null(strstr(got, "\"content\":\"text\""));
    reader_close(&r);
}

static void a_snapshot_overtaken_is_asked_for_again(void **state)
{
    (void)state;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, STRM, 0, 0);
    (void)reader_read(&r);
    room_ask_snapshot(room);
    for (int i = 0; i < 40; i++)
        tell(STRM, 0, 0, 0);
    struct frame *frame = frame_event(0, STR("snapshot"), STR("{}"));
    room_snapshot(room, frame);
    frame_unref(frame);
    assert_string_equal(reader_read(&r), "");
    answer_snapshot(room, "{}");
    assert_string_equal(reader_read(&r), "event: snapshot\ndata: {}\n\n");
    reader_close(&r);
}

static void text_evicted_while_it_waited_is_left_out(void **state)
{
    (void)state;
    struct room *room;
    char large[901];
    memset(large, 'x', 900);
    large[900] = '\0';
    open_session(&room);
    tell_text(SES, 1, 1, -1, "ab");
    tell_text("session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA0", 1, 5, -1, large);
    assert_string_equal(reader_pull(&r, 1 << 20, true), "");
    reader_close(&r);
}

#define CHANGED(seq, more) "id: " #seq "\nevent: share:changed\ndata: {\"room\":\"" SES "\",\"seq\":" #seq more "}\n\n"

static void a_reader_of_numbers_hears_where_the_room_stands_and_nothing_else(void **state)
{
    (void)state;
    reader_open(&r, 1);
    r.feed->numbers_only = true;
    struct room *session = reader_join(&r, 0, SES, 3, 7);
    assert_string_equal(reader_read(&r), CHANGED(7, "")); // the head as the door saw it: nothing is fetched for it
    answer_state(session, 7, false, 0, NULL);
    assert_string_equal(reader_read(&r), "");
    tell(SES, 8, HINT_OPENS_STEP, 0);
    tell(SES, 9, 0, 0);
    tell_text(SES, 8, 1, -1, "while it is written");
    assert_string_equal(reader_read(&r), CHANGED(9, ""));
    // Without a number: a message was deleted. It is told also where a number comes before or behind it.
    tell(SES, 0, 0, 0);
    assert_string_equal(reader_read(&r), CHANGED(9, ",\"again\":true"));
    tell(SES, 0, 0, 0);
    tell(SES, 10, 0, 0);
    assert_string_equal(reader_read(&r), CHANGED(10, ",\"again\":true"));
    tell(SES, 11, 0, 0);
    tell(SES, 0, 0, 0);
    assert_string_equal(reader_read(&r), CHANGED(11, ",\"again\":true"));
    tell(SES, 12, 0, 0);
    assert_string_equal(reader_read(&r), CHANGED(12, ""));
    reader_close(&r);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define FEED_TEST(name) cmocka_unit_test_setup_teardown(name, rooms_begin, rooms_end)
    const struct CMUnitTest tests[] = {
        FEED_TEST(first_what_was_missed_then_the_present_then_live),
        FEED_TEST(an_answer_to_an_older_question_will_not_do),
        FEED_TEST(a_position_for_every_room),
        FEED_TEST(a_busy_room_leaves_the_others_their_turn),
        FEED_TEST(large_events_are_paid_for_with_later_turns),
        FEED_TEST(those_who_come_back_together_cost_one_question),
        FEED_TEST(far_apart_readers_take_turns_with_holes),
        FEED_TEST(what_the_snapshot_told_is_not_told_again),
        FEED_TEST(text_collapses_for_who_is_behind),
        FEED_TEST(who_was_interrupted_while_skipping_gets_the_whole),
        FEED_TEST(more_steps_than_can_be_remembered),
        FEED_TEST(who_is_overtaken_goes_on_by_number),
        FEED_TEST(a_snapshot_overtaken_is_asked_for_again),
        FEED_TEST(text_evicted_while_it_waited_is_left_out),
        FEED_TEST(a_reader_of_numbers_hears_where_the_room_stands_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
