// SPDX-License-Identifier: Apache-2.0
// What a room does with answers that are cut short, or that do not come.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "sse/queries.h"
#include "tests/unit/sse.h"

#define OTHER "session:ses_01ARZ3NDEKTSV4RRFFQ69G5FAW"

static struct reader r;

static void checkpoints_beyond_the_bytes_come_with_the_next_answer(void **state)
{
    (void)state;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, SES, 3, 3);
    (void)reader_read(&r);
    const struct room_open_step short_of_two[] = {
        {STR("a"), 1, STR("first"), 5, false}, {STR("b"), 2, STR_NONE, 6, true}, {STR("c"), 3, STR_NONE, 5, true}};
    room_ask_state(room);
    room_state(room, 3, -1, short_of_two, 3);
    assert_int_equal(room->texts_above, 1);
    assert_true(room->wants & WANT_STATE);
    const char *got = reader_read(&r);
    assert_non_null(strstr(got, "\"stepId\":\"a\",\"content\":\"first\""));
    assert_null(strstr(got, "\"stepId\":\"b\""));
    // A delta of a text that is still to come waits for it.
    struct hint more = {.flags = HINT_DELTA,
                        .start_seq = 2,
                        .stamp_ns = 9,
                        .offset = 6,
                        .raw_length = 1,
                        .room = STR(SES),
                        .name = STR("p"),
                        .step = STR("b"),
                        .body = STR("!")};
    rooms_hint(&rooms, &more);
    const struct room_open_step short_of_one[] = {
        {STR("a"), 1, STR_NONE, 5, false}, {STR("b"), 2, STR("second"), 6, false}, {STR("c"), 3, STR_NONE, 5, true}};
    room_ask_state(room);
    room_state(room, 3, -1, short_of_one, 3);
    assert_int_equal(room->texts_above, 2);
    got = reader_read(&r);
    assert_non_null(strstr(got, "\"stepId\":\"b\",\"content\":\"second!\""));
    assert_null(strstr(got, "\"stepId\":\"a\""));
    const struct room_open_step rest[] = {
        {STR("a"), 1, STR_NONE, 5, false}, {STR("b"), 2, STR_NONE, 6, false}, {STR("c"), 3, STR("third"), 5, false}};
    list_leave(&room->wanting);
    room_ask_state(room);
    room_state(room, 3, -1, rest, 3);
    assert_int_equal(room->texts_above, 0);
    assert_false(room->wants & WANT_STATE);
    got = reader_read(&r);
    assert_non_null(strstr(got, "\"stepId\":\"c\",\"content\":\"third\""));
    assert_null(strstr(got, "\"stepId\":\"b\""));
    reader_close(&r);
}

static void the_first_step_of_all_may_be_left_out(void **state)
{
    (void)state;
    reader_open(&r, 1);
    struct room *room = reader_join(&r, 0, SES, 2, 2);
    const struct room_open_step none[] = {{STR("a"), 1, STR_NONE, 5, true}, {STR("b"), 2, STR_NONE, 6, true}};
    room_ask_state(room);
    room_state(room, 2, -1, none, 2);
    assert_int_equal(room->texts_above, 0);
    assert_true(room->wants & WANT_STATE);
    reader_close(&r);
}

static bool is_asked_for(const struct query *q, const char *id)
{
    return memmem(q->params[0].p, q->params[0].n, id, strlen(id)) != NULL;
}

// One room's query fails again and again; the others get their answers meanwhile.
static void a_room_that_makes_queries_fail_is_asked_for_alone(void **state)
{
    (void)state;
    static struct pusher p;
    struct query q = {0};
    struct reader other;
    int again_ms;
    p.rooms = (struct rooms){0};
    rooms_init(&p.rooms, &(struct rooms_limits){4, 16, 1 << 20, 1000}, 1);
    struct room *bad = rooms_get(&p.rooms, STR(SES)), *good = rooms_get(&p.rooms, STR(OTHER));
    reader_open(&r, 1);
    reader_open(&other, 1);
    r.feed->subscriber.queue = other.feed->subscriber.queue = &p.rooms.write_queue;
    feed_join(r.feed, 0, bad, 0, 0);
    feed_join(other.feed, 0, good, 0, 0);
    assert_true(queries_gather(&q, &p, &again_ms));
    assert_int_equal(q.kind, QUERY_STATE);
    assert_int_equal(q.rooms_n, 2);
    queries_failed(&q, &p);
    // Each of them is asked for alone, at once.
    assert_true(queries_gather(&q, &p, &again_ms));
    assert_int_equal(q.rooms_n, 1);
    assert_true(is_asked_for(&q, &SES[8]));
    queries_failed(&q, &p);
    assert_true(queries_gather(&q, &p, &again_ms));
    assert_int_equal(q.rooms_n, 1);
    assert_true(is_asked_for(&q, &OTHER[8]));
    room_state(good, 0, -1, NULL, 0);
    queries_succeeded(&q, &p);
    // The pause of the one that fails grows up to a minute.
    int64_t paused_ns = 0;
    for (int i = 0; i < 10; i++) {
        assert_false(queries_gather(&q, &p, &again_ms));
        assert_true(bad->again_ns - p.rooms.now_ns > paused_ns || paused_ns > INT64_C(50000000000));
        paused_ns = bad->again_ns - p.rooms.now_ns;
        p.now_ns = p.rooms.now_ns = bad->again_ns;
        room_want(good, WANT_STATE);
        assert_true(queries_gather(&q, &p, &again_ms));
        assert_int_equal(q.rooms_n, 1);
        assert_true(is_asked_for(&q, &SES[8]));
        queries_failed(&q, &p);
        assert_true(queries_gather(&q, &p, &again_ms));
        assert_true(is_asked_for(&q, &OTHER[8]));
        room_state(good, 0, -1, NULL, 0);
        queries_succeeded(&q, &p);
    }
    assert_true(paused_ns <= INT64_C(64000000000));
    p.now_ns = p.rooms.now_ns = bad->again_ns;
    assert_true(queries_gather(&q, &p, &again_ms));
    room_state(bad, 0, -1, NULL, 0);
    queries_succeeded(&q, &p);
    room_want(bad, WANT_STATE);
    room_want(good, WANT_STATE);
    assert_true(queries_gather(&q, &p, &again_ms));
    assert_int_equal(q.rooms_n, 2);
    feed_leave(r.feed);
    feed_leave(other.feed);
    write_queue_drop(&p.rooms.write_queue, &r.link);
    write_queue_drop(&p.rooms.write_queue, &other.link);
    free(r.feed);
    free(other.feed);
    queries_fini(&q);
    rooms_fini(&p.rooms);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define ANSWER_TEST(name) cmocka_unit_test_setup_teardown(name, rooms_begin, rooms_end)
    const struct CMUnitTest tests[] = {
        ANSWER_TEST(checkpoints_beyond_the_bytes_come_with_the_next_answer),
        ANSWER_TEST(the_first_step_of_all_may_be_left_out),
        ANSWER_TEST(a_room_that_makes_queries_fail_is_asked_for_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
