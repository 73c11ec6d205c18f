// SPDX-License-Identifier: Apache-2.0
// How a stream begins: the request's head, the greeting, and rights that ended.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "wire/subscription.h"
#include "sse/stream_format.h"
#include "sse/head.h"
#include "sse/principals.h"
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
        struct head head;
        assert_int_equal(head_parse(str_from(cases[i].bytes), &head), cases[i].outcome);
        if (cases[i].outcome == HEAD_OK)
            assert_true(str_eq(head.target, STR("/x")));
    }
}

static void a_head_names_the_client_where_nginx_does(void **state)
{
    (void)state;
    struct head head;
    assert_int_equal(head_parse(STR("GET /x HTTP/1.1\r\nHost: a\r\nTrace-Address: 192.0.2.7\r\n\r\n"), &head), HEAD_OK);
    assert_true(str_eq(head.address, STR("192.0.2.7")));
    assert_int_equal(head_parse(STR("GET /x HTTP/1.1\r\nTrace-Addresses: 192.0.2.7\r\n\r\n"), &head), HEAD_OK);
    assert_int_equal(head.address.n, 0);
}

static void a_head_has_a_bound(void **state)
{
    (void)state;
    struct buf b = {0};
    struct head head;
    buf_lit(&b, "GET /x HTTP/1.1\r\nA: ");
    while (b.n < HEAD_MAX - 1)
        buf_char(&b, 'a');
    assert_int_equal(head_parse(buf_view(&b), &head), HEAD_MORE);
    buf_char(&b, 'a');
    assert_int_equal(head_parse(buf_view(&b), &head), HEAD_BAD);
    buf_lit(&b, "\r\n\r\n");
    assert_int_equal(head_parse(buf_view(&b), &head), HEAD_BAD);
    buf_fini(&b);
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
    struct subscription subscription;
    struct buf b = {0};
    rooms_init(&rooms, &(struct rooms_limits){10, 16, 1 << 20, 1 << 20}, 1);
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~40~34&room=user:" USR "~-~-&denied=" STRM
                                                           "&room=" STRM "~7~9" WHO)),
                     -1);
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~40~34&room=user:" USR
                                                           ".ws_01ARZ3NDEKTSV4RRFFQ69G5FAV~-~-&denied=" WS "&room=" STRM
                                                           "~7~9&room=" WS ".programs~-~-" WHO)),
                     0);
    struct feed *feed = mem_alloc(feed_size(5));
    feed_init(feed, 5, false, &rooms.write_queue, &writer);
    feed_join(feed, 0, rooms_get(&rooms, subscription.rooms[0].name), 34, 40);
    feed_join(feed, 1, rooms_get(&rooms, subscription.rooms[1].name), 0, 0);
    feed_join(feed, 3, rooms_get(&rooms, subscription.rooms[3].name), 7, 7);
    feed_join(feed, 4, rooms_get(&rooms, subscription.rooms[4].name), 0, 0);
    assert_string_equal(feed->slots[1].room->public_name, "user:me");
    assert_string_equal(feed->slots[4].room->public_name, WS);
    stream_format_opening(&b, feed, &subscription, STREAM_PROXIED, 1234, "b1", 0);
    has(&b, "HTTP/1.1 200 OK\r\n");
    has(&b, "\r\n\r\nretry: 1234\nid: 34.-.-.7.-\nevent: ready\ndata: {\"rooms\":{\"" SES
            "\":{\"from\":34,\"head\":40},\"user:me\":{},\"" STRM "\":{\"from\":7,\"head\":7},\"" WS
            "\":{}},\"serverTime\":\"1970-01-01T00:00:00.000Z\",\"build\":\"b1\"}\n\n");
    has(&b, "event: revoked\ndata: {\"room\":\"" WS "\",\"reason\":\"not_found\"}\n\n");
    has(&b, "id: 34.-.-.7.-\nevent: reset\ndata: {\"room\":\"" STRM "\"}\n\n");
    feed_leave(feed);
    write_queue_drop(&rooms.write_queue, &writer);
    free(feed);
    rooms_fini(&rooms);
    buf_fini(&b);
}

static void other_words(void **state)
{
    (void)state;
    struct buf b = {0};
    stream_format_unavailable(&b, 7);
    has(&b, "\r\n\r\nretry: 7\nevent: unavailable\ndata: {}\n\n");
    buf_clear(&b);
    stream_format_revoked(&b, "access");
    has(&b, "event: revoked\ndata: {\"reason\":\"access\"}\n\n");
    buf_clear(&b);
    stream_format_ping(&b, 1000);
    has(&b, "event: ping\ndata: {\"serverTime\":\"1970-01-01T00:00:00.001Z\"}\n\n");
    buf_clear(&b);
    stream_format_farewell(&b, 7, 1000);
    has(&b, "retry: 7\nevent: ping\ndata: {\"serverTime\":\"1970-01-01T00:00:00.001Z\"}\n\n");
    buf_clear(&b);
    stream_format_reply(&b, "200 OK", "text/plain", STR("hi"));
    has(&b, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    buf_fini(&b);
}

// Notes a revocation; true if streams have to be ended by it, which is said once.
static bool ends_streams(struct revoked *revoked, struct str principal, int64_t at_us)
{
    revoked_add(revoked, principal, at_us);
    if (!revoked_has_new(revoked))
        return false;
    assert_true(revoked_is_new(revoked, principal, at_us + REVOKED_GRACE_US));
    assert_false(revoked_is_new(revoked, principal, at_us + REVOKED_GRACE_US + 1));
    assert_false(revoked_is_new(revoked, STR("tok_none"), at_us));
    revoked_taken(revoked);
    assert_false(revoked_has_new(revoked) || revoked_is_new(revoked, principal, at_us));
    return true;
}

static void a_revocation_waits_until_it_is_taken(void **state)
{
    (void)state;
    struct revoked *revoked = revoked_new();
    revoked_add(revoked, STR("tok_a"), 5);
    revoked_add(revoked, STR("tok_b"), 6);
    revoked_add(revoked, STR("tok_a"), 7);
    revoked_forget(revoked, 100);
    assert_true(revoked_is_new(revoked, STR("tok_a"), 7 + REVOKED_GRACE_US));
    assert_true(revoked_is_new(revoked, STR("tok_b"), 6 + REVOKED_GRACE_US));
    assert_false(revoked_is_new(revoked, STR("tok_b"), 7 + REVOKED_GRACE_US));
    revoked_taken(revoked);
    revoked_forget(revoked, 7);
    // What was not forgotten is known, and what was is new again.
    assert_false(ends_streams(revoked, STR("tok_a"), 7));
    assert_true(ends_streams(revoked, STR("tok_b"), 6));
    revoked_free(revoked);
}

// As after many sign-ins were ended at once: each is found among all of them, and none is lost when others go.
static void many_revocations_are_found(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    struct revoked *revoked = revoked_new();
    char name[16];
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "lgn_%d", i);
        revoked_add(revoked, str_from(name), i);
    }
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++) {
            (void)snprintf(name, sizeof name, "lgn_%d", i);
            assert_int_equal(revoked_is_new(revoked, str_from(name), i), round == 0);
        }
        revoked_taken(revoked);
    }
    revoked_forget(revoked, MANY / 2);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "lgn_%d", i);
        revoked_add(revoked, str_from(name), i);
        assert_int_equal(revoked_is_new(revoked, str_from(name), i), i < MANY / 2);
    }
    revoked_free(revoked);
}

static void a_stream_remembers_its_principals(void **state)
{
    (void)state;
    const struct subscription subscription = {.principals_n = 2, .principals = {STR(USR), STR("lgn_1")}};
    char *principals = principals_keep(&subscription);
    assert_true(principals_has(principals, STR(USR)) && principals_has(principals, STR("lgn_1")));
    assert_false(principals_has(principals, STR("lgn_")) || principals_has(principals, STR("")));
    assert_false(principals_has(NULL, STR(USR)));
    free(principals);
}

static void what_was_revoked_is_refused_for_a_while(void **state)
{
    (void)state;
    struct revoked *revoked = revoked_new();
    struct subscription subscription;
    int64_t s = 1000000;
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~1~-&principal=" USR "&at=100000000")), 0);
    assert_int_equal(revoked_wait_ms(revoked, &subscription, 101 * s), -1);
    assert_true(ends_streams(revoked, STR("tok_other"), 100 * s));
    assert_int_equal(revoked_wait_ms(revoked, &subscription, 101 * s), -1);
    assert_true(ends_streams(revoked, STR(USR), 94 * s));
    assert_int_equal(revoked_wait_ms(revoked, &subscription, 101 * s), -1);
    assert_true(ends_streams(revoked, STR(USR), 98 * s));
    assert_false(ends_streams(revoked, STR(USR), 97 * s));
    assert_int_equal(revoked_wait_ms(revoked, &subscription, 101 * s), 2000);
    assert_int_equal(revoked_wait_ms(revoked, &subscription, 110 * s), 0);
    // An authorisation older than what is remembered does not count.
    revoked_forget(revoked, 99 * s);
    assert_int_equal(revoked_wait_ms(revoked, &subscription, 101 * s), -1);
    assert_int_equal(revoked_wait_ms(revoked, &subscription, 161 * s), 0);
    assert_false(ends_streams(revoked, STR("usr_0000000000000000000000000000000000000000"), 100 * s));
    for (int i = 0; i < 40; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "tok_%d", i);
        assert_true(ends_streams(revoked, str_from(name), 100 * s));
    }
    revoked_free(revoked);
    revoked_free(NULL);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_read_whole_or_refused),
        cmocka_unit_test(a_head_names_the_client_where_nginx_does),
        cmocka_unit_test(a_head_has_a_bound),
        cmocka_unit_test(the_greeting_says_where_the_stream_starts),
        cmocka_unit_test(other_words),
        cmocka_unit_test(what_was_revoked_is_refused_for_a_while),
        cmocka_unit_test(a_revocation_waits_until_it_is_taken),
        cmocka_unit_test(many_revocations_are_found),
        cmocka_unit_test(a_stream_remembers_its_principals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
