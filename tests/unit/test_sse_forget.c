// SPDX-License-Identifier: Apache-2.0
// Deletions: what was printed before them is read again, and no reader loses anything by that.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/unit/sse.h"

static struct reader r;

static void a_deleted_text_is_not_replayed_from_memory(void **state)
{
    (void)state;
    struct reader late, again;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, STRM, 9, 9);
    (void)reader_read(&r);
    answer_snapshot(room, "[]");
    (void)reader_read(&r);
    tell(STRM, 10, 0, 0);
    assert_string_equal(reader_read(&r), "id: 10\nevent: e\ndata: {}\n\n");
    reader_open(&again, 1);
    (void)reader_join(&again, 0, STRM, 5, 10);
    (void)reader_read(&again);
    answer_events(room, 6, 10, true); // a page of them is kept
    room_want(room, WANT_EVENTS);
    (void)room_ask_events(room);
    tell(STRM, 11, HINT_FORGETS, 0);
    assert_string_equal(reader_read(&r), "id: 11\nevent: e\ndata: {}\n\n");
    assert_false(room->asked_events); // the answer on its way is from before
    assert_true(room->wants & WANT_EVENTS);
    assert_string_equal(reader_read(&again), "");
    reader_open(&late, 1);
    (void)reader_join(&late, 0, STRM, 9, 11);
    assert_string_equal(reader_read(&late), "");
    answer_events(room, 6, 11, true);
    assert_string_equal(reader_read(&late), "id: 10\nevent: row\ndata: {}\n\nid: 11\nevent: row\ndata: {}\n\n");
    assert_memory_equal(reader_read(&again), "id: 6\nevent: row\n", 17);
    reader_close(&late);
    reader_close(&again);
    reader_close(&r);
}

static void a_deletion_that_was_read_forgets_what_hints_brought(void **state)
{
    (void)state;
    struct reader late;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, STRM, 9, 9);
    (void)reader_read(&r);
    answer_snapshot(room, "[]");
    tell(STRM, 10, 0, 0);
    (void)reader_read(&r);
    room_expect(room, 11);
    int64_t above = room_ask_events(room);
    struct room_event row = {.seq = 11, .flags = HINT_FORGETS, .frame = frame_event(11, STR("row"), STR("{}"))};
    room_events_fetched(room, above, &row, 1, true);
    frame_unref(row.frame);
    reader_open(&late, 1);
    (void)reader_join(&late, 0, STRM, 9, 11);
    assert_string_equal(reader_read(&late), "");
    assert_string_equal(reader_read(&r), "id: 11\nevent: row\ndata: {}\n\n");
    reader_close(&late);
    reader_close(&r);
}

static void nor_before_its_deletion_is_heard_of(void **state)
{
    (void)state;
    struct reader late;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, STRM, 9, 9);
    (void)reader_read(&r);
    tell(STRM, 10, 0, 0);
    reader_open(&late, 1);
    (void)reader_join(&late, 0, STRM, 9, 11); // the door has seen the deletion, whose hint is lost
    assert_string_equal(reader_read(&late), "");
    assert_true(room->wants & WANT_HOLE);
    int64_t above = room_ask_events(room);
    struct room_event row = {.seq = 11, .flags = HINT_FORGETS, .frame = frame_event(11, STR("row"), STR("{}"))};
    room_events_fetched(room, above, &row, 1, true);
    frame_unref(row.frame);
    assert_string_equal(reader_read(&late), "");
    answer_events(room, 10, 11, true);
    assert_memory_equal(reader_read(&late), "id: 10\nevent: row\n", 18);
    reader_close(&late);
    reader_close(&r);
}

static void who_had_not_read_on_loses_nothing_by_a_deletion(void **state)
{
    (void)state;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, STRM, 3, 3);
    (void)reader_read(&r);
    answer_snapshot(room, "[]");
    (void)reader_read(&r);
    tell(STRM, 0, 0, 0);
    tell(STRM, 4, HINT_FORGETS, 0);
    assert_string_equal(reader_read(&r), "id: 4\nevent: e\ndata: {}\n\n");
    answer_snapshot(room, "[1]"); // instead of what was ephemeral
    assert_string_equal(reader_read(&r), "event: snapshot\ndata: [1]\n\n");
    reader_close(&r);
}

static void a_room_forgets_for_a_deletion_elsewhere(void **state)
{
    (void)state;
    struct reader late;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, SES, 0, 0);
    answer_state(room, 0, false, 0, NULL);
    tell(SES, 1, HINT_OPENS_STEP, 1);
    (void)reader_read(&r);
    tell(SES, 2, 0, 0);
    tell_text(SES, 1, 1, -1, "text");
    tell(SES, 4, 0, 0);
    tell(SES, 0, HINT_FORGETS, 0);
    assert_int_equal(room->held_n, 0);
    assert_string_equal(reader_read(&r), "");
    reader_open(&late, 1);
    (void)reader_join(&late, 0, SES, 1, 2);
    assert_string_equal(reader_read(&late), "");
    answer_events(room, 2, 4, true);
    const char *got = reader_read(&late);
    assert_memory_equal(got, "id: 2\nevent: row\n", 17);
    assert_non_null(strstr(got, "id: 4\nevent: row\n"));
    got = reader_read(&r);
    assert_memory_equal(got, "id: 2\nevent: row\n", 17);
    assert_non_null(strstr(got, "\"content\":\"text\""));
    reader_close(&late);
    reader_close(&r);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define FORGET_TEST(name) cmocka_unit_test_setup_teardown(name, rooms_begin, rooms_end)
    const struct CMUnitTest tests[] = {
        FORGET_TEST(a_deleted_text_is_not_replayed_from_memory),
        FORGET_TEST(a_deletion_that_was_read_forgets_what_hints_brought),
        FORGET_TEST(nor_before_its_deletion_is_heard_of),
        FORGET_TEST(who_had_not_read_on_loses_nothing_by_a_deletion),
        FORGET_TEST(a_room_forgets_for_a_deletion_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
