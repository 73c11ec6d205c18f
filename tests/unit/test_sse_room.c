// Rooms: n+1 after n, or what is missing is asked for; which text is late, held or kept; what nobody watches.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "sse/texts.h"
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
    numbers_fetched(room, above, NULL, 0, true);
    assert_int_equal(room->kept, 0);
    assert_string_equal(reader_read(&r), "id: 4\nevent: e\ndata: {}\n\n");
    // A question that failed is asked again; one that was never asked is not answered.
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

static void what_the_database_lacks_is_a_reset(void **state)
{
    (void)state;
    struct room *room = watched(SES, 3);
    answer_state(room, 9, false, 0, NULL);
    struct room_event rows[] = {{.seq = 4}, {.seq = 7}, {.seq = 8}};
    for (int i = 0; i < 3; i++)
        rows[i].frame = frame_event(rows[i].seq, STR("row"), STR("{}"));
    (void)room_ask_events(room);
    numbers_fetched(room, 3, rows, 3, false);
    for (int i = 0; i < 3; i++)
        frame_unref(rows[i].frame);
    assert_int_equal(room->head, 8);
    assert_false(room->steps_known);
    assert_true(room->wants & WANT_STATE);
    assert_string_equal(reader_read(&r), "id: 8\nevent: reset\ndata: {\"room\":\"" SES "\"}\n\n");
    // Nothing is left of what somebody has missed.
    struct reader old;
    reader_open(&old, 1);
    (void)reader_join(&old, 0, SES, 1, 8);
    room->kept = 0;
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
    room_state(room, 1, false, &(struct room_open_step){STR("stp"), 1, STR("text"), 4}, 1);
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
    struct room_open_step open[] = {
        {STR("a"), 1, STR("check\\n"), 6}, {STR("b"), 2, STR("older"), 5}, {STR("c"), 9, STR_NONE, 0}};
    room_ask_state(room);
    room_state(room, 9, false, open, 3);
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
    tell_text(SES, 1, 9, -1, "late");
    assert_int_equal(room->steps_n, 0);
    assert_non_null(
        strstr(reader_read(&r), "id: 2\nevent: e\ndata: {}\n\nevent: end\ndata: {\"room\":\"" SES "\"}\n\n"));
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
    room_state(room, 1, false, &(struct room_open_step){STR("stp"), 1, STR("text"), 4}, 1);
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

static void old_text_gives_way(void **state)
{
    (void)state;
    char large[401];
    memset(large, 'x', 400);
    large[400] = '\0';
    rooms.limits.text_bytes = 1300; // two of them
    // Unwatched: gone with its room. Watched and open: the checkpoint is asked for.
    tell_text("session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA0", 1, 5, -1, large);
    tell_text("session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA1", 1, 5, -1, large);
    struct room *room = watched(SES, 1);
    answer_state(room, 1, false, 1, NULL);
    tell_text(SES, 1, 5, -1, large);
    assert_int_equal(rooms.counts.evicted, 1);
    assert_int_equal(rooms_find(&rooms, STR("session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA0"))->steps_n, 0);
    tell_text("session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA1", 1, 6, -1, large);
    tell_text("session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA2", 1, 5, -1, large);
    assert_true(texts_evicted(room));
    struct reader late;
    reader_open(&late, 1);
    (void)reader_join(&late, 0, SES, 1, 1);
    assert_string_equal(reader_read(&late), "");
    assert_true(room->wants & WANT_STATE);
    answer_state(room, 1, false, 1, "stored");
    assert_non_null(strstr(reader_read(&late), "\"content\":\"stored\""));
    reader_close(&late);
    reader_close(&r);
}

static void rooms_have_a_limit_and_an_age(void **state)
{
    (void)state;
    char name[64];
    rooms.now = 10;
    struct room *room = watched(STRM, 0);
    for (int i = 0; i < 5; i++) {
        (void)snprintf(name, sizeof name, "session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA%d", i);
        tell_text(name, 1, 5, -1, "x");
    }
    assert_int_equal(rooms.n, 4);
    assert_null(rooms_find(&rooms, STR("session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA1")));
    struct reader others[3];
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "persona:per_01ARZ3NDEKTSV4RRFFQ69G5FA%d", i);
        reader_open(&others[i], 1);
        (void)reader_join(&others[i], 0, name, 0, 0);
    }
    assert_null(rooms_get(&rooms, STR(SES)));
    for (int i = 0; i < 3; i++)
        reader_close(&others[i]);
    // Left by its last reader, a room keeps its ring for a while.
    tell(STRM, 1, 0, 0);
    reader_close(&r);
    tell(STRM, 2, 0, 0);
    assert_int_equal(room->ring.end, 2);
    rooms_tidy(&rooms, 10);
    assert_int_equal(rooms.n, 4);
    rooms_tidy(&rooms, 11);
    assert_int_equal(rooms.n, 0);
}

static void all_rings_together_have_a_limit(void **state)
{
    (void)state;
    struct reader other;
    rooms.limits.ring_bytes = 250; // ten events of 25 bytes
    struct room *room = watched(STRM, 0);
    room->ring.most_bytes = 1000;
    for (int64_t seq = 1; seq <= 8; seq++)
        tell(STRM, seq, 0, 0);
    reader_close(&r);
    tell(STRM, 9, 0, 0);
    reader_open(&other, 1);
    struct room *second = reader_join(&other, 0, SES, 0, 0);
    second->ring.most_bytes = 1000;
    for (int64_t seq = 1; seq <= 3; seq++)
        tell(SES, seq, 0, 0);
    assert_false(room->followed);
    assert_int_equal(second->ring.end - second->ring.first, 3);
    for (int64_t seq = 4; seq <= 30; seq++)
        tell(SES, seq, 0, 0);
    assert_true(rooms.ring_bytes <= 260);
    rooms.limits.ring_bytes = 1;
    tell(SES, 31, 0, 0);
    assert_int_equal(second->ring.end - second->ring.first, 4);
    reader_close(&other);
}

static void old_pages_are_given_back(void **state)
{
    (void)state;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, STRM, 0, 4);
    (void)reader_read(&r);
    answer_events(room, 1, 2, false);
    (void)reader_read(&r);
    answer_events(room, 3, 4, true);
    assert_int_equal(room->page_n, 2);
    rooms.now += INT64_C(5000000000);
    rooms_tidy(&rooms, 0);
    assert_int_equal(room->page_n, 0);
    // Who had not read it asks once more.
    assert_string_equal(reader_read(&r), "");
    answer_events(room, 3, 4, true);
    assert_non_null(strstr(reader_read(&r), "id: 4\n"));
    reader_close(&r);
}

static void many_rooms_are_found(void **state)
{
    (void)state;
    char name[64];
    rooms.limits.rooms = 5000;
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof name, "stream:str_0000000000000000000000%04d", i);
        assert_non_null(rooms_get(&rooms, str_from(name)));
    }
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof name, "stream:str_0000000000000000000000%04d", i);
        assert_string_equal(rooms_find(&rooms, str_from(name))->name, name);
    }
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
    // What was so before, and is so again, is news; whatever is told about others.
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
        ROOM_TEST(what_the_database_lacks_is_a_reset),
        ROOM_TEST(a_session_that_has_ended_before_ends_at_once),
        ROOM_TEST(text_has_its_place_between_start_and_end),
        ROOM_TEST(an_end_is_remembered_against_an_older_answer),
        ROOM_TEST(the_state_says_what_is_open),
        ROOM_TEST(an_ended_session_is_over),
        ROOM_TEST(an_answer_older_than_the_end_opens_nothing),
        ROOM_TEST(unwatched_text_is_kept_and_nothing_else),
        ROOM_TEST(old_text_gives_way),
        ROOM_TEST(rooms_have_a_limit_and_an_age),
        ROOM_TEST(all_rings_together_have_a_limit),
        ROOM_TEST(old_pages_are_given_back),
        ROOM_TEST(many_rooms_are_found),
        ROOM_TEST(news_are_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
