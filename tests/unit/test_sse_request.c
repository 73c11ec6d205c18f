// How a stream begins: the request's head, the door's query, the greeting, and rights that ended.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "sse/cursor.h"
#include "sse/door.h"
#include "sse/greeting.h"
#include "sse/head.h"
#include "sse/revoked.h"
#include "sse/rooms.h"

#define SES "session:ses_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define STRM "stream:str_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define WS "workspace:ws_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define USR "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define WHO "&principal=" USR "&at=1000000"

static void a_head_is_read_whole_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum head_outcome outcome;
    } cases[] = {
        {"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", HEAD_OK},
        {"GET /x HTTP/1.0\n\n", HEAD_OK},
        {"GET /x HTTP/1.1\r\nHost: a\r\n", HEAD_MORE},
        {"GET /x HT", HEAD_MORE},
        {"", HEAD_MORE},
        {"POST /x HTTP/1.1\r\n\r\n", HEAD_METHOD},
        {"HEAD /x HTTP/1.1\r\nA:\tb\r\n\r\n", HEAD_METHOD},
        {"GET  /x HTTP/1.1\r\n\r\n", HEAD_BAD},
        {"GET x HTTP/1.1\r\n\r\n", HEAD_BAD},
        {"GET /x HTTP/2\r\n\r\n", HEAD_BAD},
        {"GET /x\r\n\r\n", HEAD_BAD},
        {"G:T /x HTTP/1.1\r\n\r\n", HEAD_BAD},
        {" /x HTTP/1.1\r\n\r\n", HEAD_BAD},
        {"\r\n\r\n", HEAD_BAD},
        {"GET /x\x01 HTTP/1.1\r\n\r\n", HEAD_BAD},
        {"GET /x\ty HTTP/1.1\r\n\r\n", HEAD_BAD},
        {"GET /x HTTP/1.1\r\nno colon\r\n\r\n", HEAD_BAD},
        {"GET /x HTTP/1.1\r\n: no name\r\n\r\n", HEAD_BAD},
        {"GET /x HTTP/1.1\r\nA: \x7f\r\n\r\n", HEAD_BAD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str target;
        assert_int_equal(head_parse(str_from(cases[i].bytes), &target), cases[i].outcome);
        if (cases[i].outcome == HEAD_OK)
            assert_true(str_eq(target, STR("/x")));
    }
}

static void a_head_has_a_bound(void **state)
{
    (void)state;
    struct buf b = {0};
    struct str target;
    buf_lit(&b, "GET /x HTTP/1.1\r\nA: ");
    while (b.n < HEAD_MAX - 1)
        buf_char(&b, 'a');
    assert_int_equal(head_parse(buf_view(&b), &target), HEAD_MORE);
    buf_char(&b, 'a');
    assert_int_equal(head_parse(buf_view(&b), &target), HEAD_BAD);
    buf_lit(&b, "\r\n\r\n");
    assert_int_equal(head_parse(buf_view(&b), &target), HEAD_BAD);
    buf_fini(&b);
}

static void the_door_is_taken_at_its_word(void **state)
{
    (void)state;
    struct door door;
    assert_int_equal(door_parse(STR("room=" SES "~40~34&denied=" STRM "&room=" WS "~-~-&principal=lgn_1" WHO), &door),
                     0);
    assert_int_equal(door.rooms_n, 3);
    assert_int_equal(door.principals_n, 2);
    assert_int_equal(door.at, 1000000);
    assert_int_equal(door.rooms[0].head, 40);
    assert_int_equal(door.rooms[0].from, 34);
    assert_false(door.rooms[0].reset);
    assert_true(door.rooms[1].denied);
    assert_int_equal(door.rooms[2].from, 0);
    assert_int_equal(door_parse(STR("room=" SES "~40~34&denied=user:me" WHO), &door), 0);
    assert_true(door.rooms[1].denied);
    assert_int_equal(door_parse(STR("room=user:me~-~-" WHO), &door), -1);
    assert_int_equal(door_parse(STR("room=" SES "~40~-" WHO), &door), 0);
    assert_int_equal(door.rooms[0].from, 40);
    assert_int_equal(door_parse(STR("room=" SES "~40~41" WHO), &door), 0);
    assert_int_equal(door.rooms[0].from, 40);
    assert_true(door.rooms[0].reset);
    assert_int_equal(door_parse(STR("room=" SES "~40~!" WHO), &door), 0);
    assert_true(door.rooms[0].reset);
    assert_true(door.until == INT64_MAX);
    assert_int_equal(door_parse(STR("room=" SES "~40~-" WHO "&until=2000000"), &door), 0);
    assert_int_equal(door.until, 2000000);
}

static void another_query_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "room=" SES "~1~-",
        "room=" SES "~1~-&principal=" USR,
        "room=" SES "~1~-&at=1",
        "principal=" USR "&at=1",
        "room=" SES "~1" WHO,
        "room=" SES WHO,
        "room=" SES "~x~-" WHO,
        "room=" SES "~1~x" WHO,
        "room=" WS "~-" WHO,
        "room=nobody:ses_01ARZ3NDEKTSV4RRFFQ69G5FAV~1~-" WHO,
        "room=session:str_01ARZ3NDEKTSV4RRFFQ69G5FAV~1~-" WHO,
        "room=session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA~1~-" WHO,
        "room=session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA\"~1~-" WHO,
        "room=" SES ".programs~1~-" WHO,
        "room=" SES ".~1~-" WHO,
        "room=" WS ".people~-~-" WHO,
        "room=" WS ".programs.~-~-" WHO,
        "room=user:" USR "." USR "~-~-" WHO,
        "room=" SES "~1~-&room=" SES "~1~-" WHO,
        "room=" SES "~1~-&denied=" SES WHO,
        "denied=" SES "~1~-" WHO,
        "room=" SES "~1~-&at=x&principal=" USR,
        "room=" SES "~1~-&principal=ab" WHO,
        "room=" SES "~1~-&principal=usr_<script>" WHO,
        "room=" SES "~1~-&principal=usr_0000000000000000000000000000000000000000" WHO,
        "room=" SES "~1~-&more=1" WHO,
        "room=" SES "~1~-&until=" WHO,
        "room=" SES "~1~-&until=-1" WHO,
        "room=" SES "~1~-&&" WHO,
        "room=session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA1~1~-&room=session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA2~1~-"
        "&room=session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA3~1~-&room=session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA4~1~-"
        "&room=session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA5~1~-&room=session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA6~1~-"
        "&room=session:ses_01ARZ3NDEKTSV4RRFFQ69G5FA7~1~-" WHO,
        "room=" SES
        "~1~-&principal=usr_1&principal=usr_2&principal=usr_3&principal=usr_4&principal=usr_5&principal=usr_6"
        "&principal=usr_7&principal=usr_8" WHO,
    };
    struct door door;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(door_parse(str_from(bad[i]), &door), -1);
}

static void has(const struct buf *b, const char *what)
{
    if (!memmem(b->p, b->n, what, strlen(what)))
        fail_msg("%s is not in: %.*s", what, (int)b->n, b->p);
}

static void the_greeting_says_where_the_stream_starts(void **state)
{
    (void)state;
    struct rooms rooms;
    struct link writer = {0};
    struct door door;
    struct buf b = {0};
    rooms_init(&rooms, &(struct rooms_limits){10, 16, 1 << 20, 1 << 20}, 1);
    assert_int_equal(
        door_parse(STR("room=" SES "~40~34&room=user:" USR "~-~-&denied=" STRM "&room=" STRM "~7~9" WHO), &door), -1);
    assert_int_equal(door_parse(STR("room=" SES "~40~34&room=user:" USR ".ws_01ARZ3NDEKTSV4RRFFQ69G5FAV~-~-&denied=" WS
                                    "&room=" STRM "~7~9&room=" WS ".programs~-~-" WHO),
                                &door),
                     0);
    struct feed *feed = mem_alloc(feed_size(5));
    feed_init(feed, 5, &rooms.ready, &writer);
    feed_join(feed, 0, rooms_get(&rooms, door.rooms[0].name), 34, 40);
    feed_join(feed, 1, rooms_get(&rooms, door.rooms[1].name), 0, 0);
    feed_join(feed, 3, rooms_get(&rooms, door.rooms[3].name), 7, 7);
    feed_join(feed, 4, rooms_get(&rooms, door.rooms[4].name), 0, 0);
    assert_string_equal(feed->slots[1].room->spoken, "user:me");
    assert_string_equal(feed->slots[4].room->spoken, WS);
    greeting_print(&b, feed, &door, 1234, "b1", 0);
    has(&b, "HTTP/1.1 200 OK\r\n");
    has(&b, "\r\n\r\nretry: 1234\n\nid: 34.-.-.7.-\nevent: ready\ndata: {\"rooms\":{\"" SES
            "\":{\"from\":34,\"head\":40},\"user:me\":{},\"" STRM "\":{\"from\":7,\"head\":7},\"" WS
            "\":{}},\"serverTime\":\"1970-01-01T00:00:00.000Z\",\"build\":\"b1\"}\n\n");
    has(&b, "event: revoked\ndata: {\"room\":\"" WS "\",\"reason\":\"not_found\"}\n\n");
    has(&b, "id: 34.-.-.7.-\nevent: reset\ndata: {\"room\":\"" STRM "\"}\n\n");
    feed_leave(feed);
    ready_drop(&rooms.ready, &writer);
    free(feed);
    rooms_fini(&rooms);
    buf_fini(&b);
}

static void other_words(void **state)
{
    (void)state;
    struct buf b = {0};
    greeting_unavailable(&b, 7);
    has(&b, "\r\n\r\nretry: 7\n\nevent: unavailable\ndata: {}\n\n");
    buf_clear(&b);
    greeting_revoked(&b, "access");
    has(&b, "event: revoked\ndata: {\"reason\":\"access\"}\n\n");
    buf_clear(&b);
    greeting_ping(&b, 1000);
    has(&b, "event: ping\ndata: {\"serverTime\":\"1970-01-01T00:00:00.001Z\"}\n\n");
    buf_clear(&b);
    greeting_reply(&b, "200 OK", "text/plain", STR("hi"));
    has(&b, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    buf_fini(&b);
}

static void what_was_revoked_is_refused_for_a_while(void **state)
{
    (void)state;
    struct revoked *revoked = revoked_new();
    struct door door;
    int64_t s = 1000000;
    assert_int_equal(door_parse(STR("room=" SES "~1~-&principal=" USR "&at=100000000"), &door), 0);
    assert_int_equal(revoked_wait_ms(revoked, &door, 101 * s), -1);
    assert_true(revoked_add(revoked, STR("tok_other"), 100 * s));
    assert_int_equal(revoked_wait_ms(revoked, &door, 101 * s), -1);
    assert_true(revoked_add(revoked, STR(USR), 94 * s));
    assert_int_equal(revoked_wait_ms(revoked, &door, 101 * s), -1);
    assert_true(revoked_add(revoked, STR(USR), 98 * s));
    assert_false(revoked_add(revoked, STR(USR), 97 * s));
    assert_int_equal(revoked_wait_ms(revoked, &door, 101 * s), 2000);
    assert_int_equal(revoked_wait_ms(revoked, &door, 110 * s), 0);
    // An authorisation older than the memory is no authorisation.
    revoked_forget(revoked, 99 * s);
    assert_int_equal(revoked_wait_ms(revoked, &door, 101 * s), -1);
    assert_int_equal(revoked_wait_ms(revoked, &door, 161 * s), 0);
    assert_false(revoked_add(revoked, STR("usr_0000000000000000000000000000000000000000"), 100 * s));
    for (int i = 0; i < 40; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "tok_%d", i);
        assert_true(revoked_add(revoked, str_from(name), 100 * s));
    }
    revoked_free(revoked);
    revoked_free(NULL);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_read_whole_or_refused),
        cmocka_unit_test(a_head_has_a_bound),
        cmocka_unit_test(the_door_is_taken_at_its_word),
        cmocka_unit_test(another_query_is_refused),
        cmocka_unit_test(the_greeting_says_where_the_stream_starts),
        cmocka_unit_test(other_words),
        cmocka_unit_test(what_was_revoked_is_refused_for_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
