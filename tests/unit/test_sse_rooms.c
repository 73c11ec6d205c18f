// SPDX-License-Identifier: Apache-2.0
// All rooms of a process: how they are found, and what gives way when there are too many, or they are too large or too
// old.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "sse/room_steps.h"
#include "tests/unit/sse.h"

static struct reader r;

static struct room *watched(const char *name, int64_t head)
{
    reader_open(&r, 1);
    return reader_join(&r, 0, name, head, head);
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
    assert_true(room_steps_evicted(room));
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
    rooms.now_ns = 10;
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
    // When its last reader has left, a room keeps its ring for a while.
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
    room->ring.bytes_max = 1000;
    for (int64_t seq = 1; seq <= 8; seq++)
        tell(STRM, seq, 0, 0);
    reader_close(&r);
    tell(STRM, 9, 0, 0);
    reader_open(&other, 1);
    struct room *second = reader_join(&other, 0, SES, 0, 0);
    second->ring.bytes_max = 1000;
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
    rooms.now_ns += INT64_C(5000000000);
    rooms_tidy(&rooms, 0);
    assert_int_equal(room->page_n, 0);
    // A reader that had not read it queries again.
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

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define ROOMS_TEST(name) cmocka_unit_test_setup_teardown(name, rooms_begin, rooms_end)
    const struct CMUnitTest tests[] = {
        ROOMS_TEST(old_text_gives_way),
        ROOMS_TEST(rooms_have_a_limit_and_an_age),
        ROOMS_TEST(all_rings_together_have_a_limit),
        ROOMS_TEST(old_pages_are_given_back),
        ROOMS_TEST(many_rooms_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
