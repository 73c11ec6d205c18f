// SPDX-License-Identifier: Apache-2.0
// Rooms: n + 1 follows n, or what is missing is queried; which text is late, held or kept; rooms that nobody watches.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/unit/sse.h"

static struct reader r;

static struct room *watched(const char *name, int64_t head)
{
    reader_open(&r, 1);
    return reader_join(&r, 0, name, head, head);
}

static void numbers_come_once_and_in_order(void **state)
{
    (void)state;
    struct room *room = watched(STRM, 3);
    tell(STRM, 3, 0, 0);
    tell(STRM, 6, 0, 0);
    tell(STRM, 5, 0, 0);
    tell(STRM, 5, 0, 0);
    assert_int_equal(room->head, 3);
    assert_int_equal(room->held_n, 2);
    assert_true(room->wants & WANT_HOLE);
    tell(STRM, 4, 0, 0);
    assert_int_equal(room->head, 6);
    assert_int_equal(room->held_n, 0);
    assert_int_equal(rooms.counts.duplicates, 2);
    assert_string_equal(reader_read(&r),
                        "id: 4\nevent: e\ndata: {}\n\nid: 5\nevent: e\ndata: {}\n\nid: 6\nevent: e\ndata: {}\n\n");
    reader_close(&r);
}

static void a_hole_is_filled_by_the_database(void **state)
{
    (void)state;
    struct room *room = watched(STRM, 3);
    tell(STRM, 7, 0, 0);
    answer_events(room, 4, 5, true);
    assert_int_equal(room->head, 7); // 6 does not exist: the database has the last word
    assert_int_equal(rooms.counts.healed, 2);
    reader_close(&r);
}

static void too_many_held_are_left_to_the_database(void **state)
{
    (void)state;
    struct room *room = watched(STRM, 0);
    for (int64_t seq = 2; seq < 2 + 2 * ROOM_HELD_MAX; seq++)
        tell(STRM, seq, 0, 0);
    assert_int_equal(room->held_n, ROOM_HELD_MAX);
    answer_events(room, 1, 1, false);
    assert_int_equal(room->head, 1 + ROOM_HELD_MAX);
    assert_true(room->wants & WANT_EVENTS);
    reader_close(&r);
}

static void a_long_event_is_read_from_its_row(void **state)
{
    (void)state;
    struct room *room = watched(STRM, 0);
    struct hint hint = {.seq = 1, .room = STR(STRM), .name = STR("e")};
    rooms_hint(&rooms, &hint);
    assert_int_equal(room->head, 0);
    assert_true(room->wants & WANT_EVENTS);
    answer_events(room, 1, 1, true);
    assert_non_null(strstr(reader_read(&r), "id: 1\nevent: row\n"));
    reader_close(&r);
}

static void a_late_answer_does_not_undo_what_hints_brought(void **state)
{
    (void)state;
    struct room *room = watched(STRM, 3);
    room_want(room, WANT_EVENTS);
    int64_t above = room_ask_events(room);
    tell(STRM, 4, 0, 0);
    room_events_fetched(room, above, NULL, 0, true);
    assert_int_equal(room->oldest_seq, 0);
    assert_string_equal(reader_read(&r), "id: 4\nevent: e\ndata: {}\n\n");
    // A failed query is repeated; an answer to a query that was never sent is ignored.
    room_ask_state(room);
    room_unasked(room);
    assert_true(room->wants & WANT_STATE);
    reader_close(&r);
}

static void pruned_events_reset_the_reader(void **state)
{
    (void)state;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, STRM, 2, 9);
    (void)reader_read(&r);
    answer_events(room, 6, 9, true);
    assert_string_equal(reader_read(&r), "id: 9\nevent: reset\ndata: {\"room\":\"" STRM "\"}\n\n");
    assert_int_equal(rooms.counts.resets, 1);
    reader_close(&r);
}

static void a_database_that_has_gone_back_resets_every_reader(void **state)
{
    (void)state;
    struct room *room = watched(SES, 3);
    answer_state(room, 3, false, 0, NULL);
    tell(SES, 4, 0, 0);
    tell(SES, 6, 0, 0); // held
    assert_string_equal(reader_read(&r), "id: 4\nevent: e\ndata: {}\n\n");
    room_events_fell(room, 2);
    assert_int_equal(room->head, 2);
    assert_int_equal(room->target, 2);
    assert_false(room->steps_known);
    assert_true(room->wants & WANT_STATE);
    assert_string_equal(reader_read(&r), "id: 2\nevent: reset\ndata: {\"room\":\"" SES "\"}\n\n");
    // The numbers are given again, to other events.
    answer_state(room, 2, false, 0, NULL);
    tell(SES, 3, 0, 0);
    assert_string_equal(reader_read(&r), "id: 3\nevent: e\ndata: {}\n\n");
    assert_int_equal(room->head, 3);
    reader_close(&r);
}

#define CHANGED(seq) "id: " #seq "\nevent: share:changed\ndata: {\"room\":\"" SES "\",\"seq\":" #seq "}\n\n"

// Who follows a share hears numbers, and those it has heard mean other events now, or none.
static void a_reader_of_numbers_is_reset_when_the_counter_has_fallen(void **state)
{
    (void)state;
    reader_open(&r, 1);
    r.feed->numbers_only = true;
    struct room *session = reader_join(&r, 0, SES, 7, 7);
    answer_state(session, 7, false, 0, NULL);
    tell(SES, 8, 0, 0);
    assert_string_equal(reader_read(&r), CHANGED(8));
    room_events_fell(session, 3);
    assert_string_equal(reader_read(&r), "id: 3\nevent: reset\ndata: {\"room\":\"" SES "\"}\n\n");
    assert_string_equal(reader_read(&r), "");
    answer_state(session, 3, false, 0, NULL);
    tell(SES, 4, 0, 0);
    assert_string_equal(reader_read(&r), CHANGED(4));
    reader_close(&r);
}

static void what_the_database_lacks_is_a_reset(void **state)
{
    (void)state;
    struct room *room = watched(SES, 3);
    answer_state(room, 9, false, 0, NULL);
    struct room_event rows[] = {{.seq = 4}, {.seq = 7}, {.seq = 8}};
    for (int i = 0; i < 3; i++)
        rows[i].frame = frame_event(rows[i].seq, STR("row"), STR("{}"));
    (void)room_ask_events(room);
    room_events_fetched(room, 3, rows, 3, false);
    for (int i = 0; i < 3; i++)
        frame_unref(rows[i].frame);
    assert_int_equal(room->head, 8);
    assert_false(room->steps_known);
    assert_true(room->wants & WANT_STATE);
    assert_string_equal(reader_read(&r), "id: 8\nevent: reset\ndata: {\"room\":\"" SES "\"}\n\n");
    // Nothing is left of the missed events.
    struct reader old;
    reader_open(&old, 1);
    (void)reader_join(&old, 0, SES, 1, 8);
    room->oldest_seq = 0;
    (void)reader_read(&old);
    room->target = room->head;
    answer_events(room, 1, 0, true);
    assert_string_equal(reader_read(&old), "id: 8\nevent: reset\ndata: {\"room\":\"" SES "\"}\n\n");
    reader_close(&old);
    reader_close(&r);
}

static void a_session_that_has_ended_before_ends_at_once(void **state)
{
    (void)state;
    struct room *room = watched(SES, 5);
    answer_state(room, 5, true, 0, NULL);
    assert_string_equal(reader_read(&r), "event: end\ndata: {\"room\":\"" SES "\"}\n\n");
    assert_int_equal(r.outcome, FEED_OVER);
    reader_close(&r);
}

static void text_has_its_place_between_start_and_end(void **state)
{
    (void)state;
    struct room *room = watched(SES, 0);
    answer_state(room, 0, false, 0, NULL);
    (void)reader_read(&r);
    tell_text(SES, 1, 10, -1, "early"); // before its start: held, and the hole asked for
    assert_true(room->wants & WANT_HOLE);
    assert_string_equal(reader_read(&r), "");
    tell(SES, 1, HINT_OPENS_STEP, 1);
    assert_non_null(strstr(reader_read(&r), "\"content\":\"early\""));
    tell_text(SES, 1, 11, 5, "er");
    assert_non_null(strstr(reader_read(&r), "\"delta\":\"er\",\"offset\":5"));
    tell(SES, 2, HINT_ENDS_STEP, 1);
    tell_text(SES, 1, 12, -1, "late");
    tell_text(SES, 0, 12, -1, "of no step");
    assert_int_equal(rooms.counts.late, 2);
    assert_string_equal(reader_read(&r), "id: 2\nevent: e\ndata: {}\n\n");
    reader_close(&r);
}

static void an_end_is_remembered_against_an_older_answer(void **state)
{
    (void)state;
    struct room *room = watched(SES, 1); // step 1 is open
    room_ask_state(room);
    tell(SES, 2, HINT_ENDS_STEP, 1);
    tell_text(SES, 1, 5, -1, "late");
    room_state(room, 1, -1, &(struct room_open_step){STR("stp"), 1, STR("text"), 4, false}, 1);
    assert_int_equal(room->steps_n, 0);
    assert_true(room->steps_known);
    assert_null(strstr(reader_read(&r), "content"));
    reader_close(&r);
}

static void the_state_says_what_is_open(void **state)
{
    (void)state;
    struct room *room = watched(SES, 4);
    tell_text(SES, 2, 5, -1, "known here"); // before anything is known of its step
    tell_text(SES, 3, 5, -1, "of an ended step");
    struct room_open_step open[] = {{STR("a"), 1, STR("check\\n"), 6, false},
                                    {STR("b"), 2, STR("older"), 5, false},
                                    {STR("c"), 9, STR_NONE, 0, false}};
    room_ask_state(room);
    room_state(room, 9, -1, open, 3);
    assert_int_equal(room->target, 9);
    const char *got = reader_read(&r);
    assert_non_null(strstr(got, "\"stepId\":\"a\",\"content\":\"check\\n\""));
    assert_non_null(strstr(got, "\"content\":\"known here\""));
    assert_null(strstr(got, "of an ended step"));
    assert_null(strstr(got, "\"stepId\":\"c\""));
    reader_close(&r);
}

static void an_ended_session_is_over(void **state)
{
    (void)state;
    struct room *room = watched(SES, 0);
    answer_state(room, 0, false, 0, NULL);
    tell(SES, 1, HINT_OPENS_STEP, 1);
    tell(SES, 2, HINT_ENDS_ROOM, 0);
    assert_int_equal(room->steps_n, 0);
    answer_state(room, 2, true, 0, NULL);
    tell_text(SES, 1, 9, -1, "late");
    assert_int_equal(room->steps_n, 0);
    assert_non_null(
        strstr(reader_read(&r), "id: 2\nevent: e\ndata: {}\n\nevent: end\ndata: {\"room\":\"" SES "\"}\n\n"));
    assert_int_equal(r.outcome, FEED_OVER);
    reader_close(&r);
}

// The database says when nothing more is expected; until then the room goes on, and may be reopened.
static void an_ended_session_may_take_more(void **state)
{
    (void)state;
    struct room *room = watched(SES, 0);
    answer_state(room, 0, false, 0, NULL);
    tell(SES, 1, HINT_ENDS_ROOM, 0);
    assert_true(room->wants & WANT_STATE);
    room_ask_state(room);
    room_state(room, 1, 120000, NULL, 0);
    (void)reader_read(&r);
    assert_int_equal(r.outcome, FEED_WAITS);
    tell(SES, 2, HINT_ENDS_STEP, 1);
    assert_null(strstr(reader_read(&r), "event: end"));
    rooms.now_ns += 119 * INT64_C(1000000000);
    rooms_tidy(&rooms, 0);
    assert_false(room->wants & WANT_STATE);
    rooms.now_ns += 2 * INT64_C(1000000000);
    rooms_tidy(&rooms, 0);
    assert_true(room->wants & WANT_STATE);
    room_ask_state(room);
    room_state(room, 2, 1000, NULL, 0);
    tell(SES, 3, HINT_REOPENS_ROOM, 0);
    answer_state(room, 3, false, 0, NULL);
    rooms.now_ns += 2 * INT64_C(1000000000);
    rooms_tidy(&rooms, 0);
    assert_false(room->wants & WANT_STATE);
    tell(SES, 4, HINT_ENDS_ROOM, 0);
    answer_state(room, 4, true, 0, NULL);
    assert_non_null(strstr(reader_read(&r), "event: end"));
    assert_int_equal(r.outcome, FEED_OVER);
    reader_close(&r);
}

static void an_answer_older_than_the_end_opens_nothing(void **state)
{
    (void)state;
    struct room *room = watched(SES, 1);
    room_ask_state(room);
    tell(SES, 2, HINT_ENDS_STEP, 1);
    tell(SES, 3, HINT_ENDS_ROOM, 0);
    room_state(room, 1, -1, &(struct room_open_step){STR("stp"), 1, STR("text"), 4, false}, 1);
    assert_int_equal(room->steps_n, 0);
    assert_null(strstr(reader_read(&r), "content"));
    reader_close(&r);
}

static void unwatched_text_is_kept_and_nothing_else(void **state)
{
    (void)state;
    tell(SES, 1, HINT_OPENS_STEP, 1);
    assert_int_equal(rooms.n, 0);
    tell_text(SES, 1, 5, -1, "kept");
    struct room *room = rooms_find(&rooms, STR(SES));
    assert_false(room->followed);
    assert_int_equal(room->steps_n, 1);
    tell(SES, 2, HINT_ENDS_STEP, 7);
    tell(SES, 3, HINT_ENDS_STEP, 1);
    assert_int_equal(rooms.n, 0);
    tell_text(SES, 4, 5, -1, "again");
    tell(SES, 5, HINT_ENDS_ROOM, 0);
    assert_int_equal(rooms.n, 0);
    tell_text("nonsense", 4, 5, -1, "x");
    assert_int_equal(rooms.n, 0);
}

static void news_are_told_once(void **state)
{
    (void)state;
    struct room *room = watched(PER, 0);
    (void)reader_read(&r);
    room_tell_once(room, STR("n"), STR("{\"a\":1}"), STR("a"));
    room_tell_once(room, STR("n"), STR("{\"a\":1}"), STR("a"));
    room_tell_once(room, STR("n"), STR("{\"a\":2}"), STR("a"));
    assert_string_equal(reader_read(&r), "event: n\ndata: {\"a\":1}\n\nevent: n\ndata: {\"a\":2}\n\n");
    // A value that returns to what it was is news, whatever was told about others.
    room_tell_once(room, STR("n"), STR("{\"b\":1}"), STR("b"));
    room_tell_once(room, STR("n"), STR("{\"a\":1}"), STR("a"));
    room_tell_once(room, STR("n"), STR("{\"b\":1}"), STR("b"));
    assert_string_equal(reader_read(&r), "event: n\ndata: {\"b\":1}\n\nevent: n\ndata: {\"a\":1}\n\n");
    reader_close(&r);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define ROOM_TEST(name) cmocka_unit_test_setup_teardown(name, rooms_begin, rooms_end)
    const struct CMUnitTest tests[] = {
        ROOM_TEST(numbers_come_once_and_in_order),
        ROOM_TEST(a_hole_is_filled_by_the_database),
        ROOM_TEST(too_many_held_are_left_to_the_database),
        ROOM_TEST(a_long_event_is_read_from_its_row),
        ROOM_TEST(a_late_answer_does_not_undo_what_hints_brought),
        ROOM_TEST(pruned_events_reset_the_reader),
        ROOM_TEST(a_database_that_has_gone_back_resets_every_reader),
        ROOM_TEST(a_reader_of_numbers_is_reset_when_the_counter_has_fallen),
        ROOM_TEST(what_the_database_lacks_is_a_reset),
        ROOM_TEST(a_session_that_has_ended_before_ends_at_once),
        ROOM_TEST(text_has_its_place_between_start_and_end),
        ROOM_TEST(an_end_is_remembered_against_an_older_answer),
        ROOM_TEST(the_state_says_what_is_open),
        ROOM_TEST(an_ended_session_may_take_more),
        ROOM_TEST(an_ended_session_is_over),
        ROOM_TEST(an_answer_older_than_the_end_opens_nothing),
        ROOM_TEST(unwatched_text_is_kept_and_nothing_else),
        ROOM_TEST(news_are_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
