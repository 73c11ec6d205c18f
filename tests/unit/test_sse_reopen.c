// SPDX-License-Identifier: Apache-2.0
// Sessions that run again after their end, and what comes in an ended room: which steps are open, whose text is shown,
// and that nobody's stream ends while something is expected.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/unit/sse.h"

static struct reader r;

static void answer_open(struct room *room, int64_t last_seq, int64_t step, const char *checkpoint)
{
    answer_state(room, last_seq, false, step, checkpoint);
}

// Step 1 is open, the session ends with 2, and runs again with 3.
static struct room *reopened(void)
{
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, SES, 0, 0);
    answer_state(room, 0, false, 0, NULL);
    tell(SES, 1, HINT_OPENS_STEP, 1);
    tell_text(SES, 1, 10, -1, "before");
    tell(SES, 2, HINT_ENDS_ROOM, 0);
    room_ask_state(room);
    room_state(room, 2, 120000, NULL, 0);
    (void)reader_read(&r);
    tell(SES, 3, HINT_REOPENS_ROOM, 0);
    return room;
}

static void a_step_that_is_still_open_goes_on(void **state)
{
    (void)state;
    struct room *room = reopened();
    assert_true(room->wants & WANT_STATE);
    tell_text(SES, 1, 20, -1, "after");
    assert_string_equal(reader_read(&r), "id: 3\nevent: e\ndata: {}\n\n");
    answer_open(room, 3, 1, NULL);
    assert_non_null(strstr(reader_read(&r), "\"content\":\"after\""));
    tell_text(SES, 1, 21, 5, "wards");
    assert_non_null(strstr(reader_read(&r), "\"delta\":\"wards\",\"offset\":5"));
    assert_int_equal(rooms.counts.late, 0);
    reader_close(&r);
}

static void its_checkpoint_is_the_base_of_the_next_delta(void **state)
{
    (void)state;
    struct room *room = reopened();
    tell_text(SES, 1, 20, 6, " and after");
    assert_null(strstr(reader_read(&r), "after"));
    answer_open(room, 3, 1, "before");
    assert_non_null(strstr(reader_read(&r), "\"content\":\"before and after\""));
    // A later answer tells nothing twice.
    answer_open(room, 3, 1, "before");
    assert_string_equal(reader_read(&r), "");
    reader_close(&r);
}

static void who_opens_it_then_is_shown_the_text(void **state)
{
    (void)state;
    struct reader late;
    struct room *room = reopened();
    reader_open(&late, 1);
    (void)reader_join(&late, 0, SES, 3, 3);
    assert_null(strstr(reader_read(&late), "content"));
    answer_open(room, 3, 1, "before");
    assert_non_null(strstr(reader_read(&late), "\"content\":\"before\""));
    reader_close(&late);
    reader_close(&r);
}

static void an_answer_from_before_does_not_close_its_steps(void **state)
{
    (void)state;
    struct room *room = reopened();
    tell_text(SES, 1, 20, -1, "after");
    room_ask_state(room);
    room_state(room, 2, 1000, NULL, 0);
    assert_false(room->steps_known);
    assert_true(room->wants & WANT_STATE);
    answer_open(room, 3, 1, NULL);
    assert_non_null(strstr(reader_read(&r), "\"content\":\"after\""));
    reader_close(&r);
}

static void a_session_that_had_not_ended_keeps_its_steps(void **state)
{
    (void)state;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, SES, 0, 0);
    answer_state(room, 0, false, 0, NULL);
    tell(SES, 1, HINT_OPENS_STEP, 1);
    tell(SES, 2, HINT_REOPENS_ROOM, 0);
    assert_true(room->steps_known);
    assert_false(room->wants & WANT_STATE);
    reader_close(&r);
}

static void a_late_step_keeps_its_readers(void **state)
{
    (void)state;
    struct reader again;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, SES, 5, 5);
    answer_state(room, 5, true, 0, NULL);
    assert_string_equal(reader_read(&r), "event: end\ndata: {\"room\":\"" SES "\"}\n\n");
    reader_close(&r);
    tell(SES, 6, HINT_OPENS_STEP | HINT_ENDS_STEP, 6);
    reader_open(&again, 1);
    (void)reader_join(&again, 0, SES, 5, 6);
    assert_string_equal(reader_read(&again), "id: 6\nevent: e\ndata: {}\n\n");
    assert_int_equal(again.outcome, FEED_WAITS);
    room_ask_state(room);
    room_state(room, 6, 120000, NULL, 0);
    assert_string_equal(reader_read(&again), "");
    assert_int_equal(again.outcome, FEED_WAITS);
    // A second one finds the end due, and the room as the database says.
    answer_state(room, 6, true, 0, NULL);
    assert_string_equal(reader_read(&again), "event: end\ndata: {\"room\":\"" SES "\"}\n\n");
    reader_close(&again);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define REOPEN_TEST(name) cmocka_unit_test_setup_teardown(name, rooms_begin, rooms_end)
    const struct CMUnitTest tests[] = {
        REOPEN_TEST(a_step_that_is_still_open_goes_on),
        REOPEN_TEST(its_checkpoint_is_the_base_of_the_next_delta),
        REOPEN_TEST(who_opens_it_then_is_shown_the_text),
        REOPEN_TEST(an_answer_from_before_does_not_close_its_steps),
        REOPEN_TEST(a_session_that_had_not_ended_keeps_its_steps),
        REOPEN_TEST(a_late_step_keeps_its_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
