// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include "wire/subscription.h"

#define ID "01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define SES "session:ses_" ID
#define STRM "stream:str_" ID
#define WS "workspace:ws_" ID
#define USR "usr_" ID
#define WHO "&principal=" USR "&at=1000000"

static void reads_what_the_door_says(void **state)
{
    (void)state;
    struct subscription subscription;
    assert_int_equal(subscription_parse(&subscription,
                                        STR("room=" SES "~40~34&denied=" STRM "&room=" WS "~-~-&principal=lgn_1" WHO)),
                     0);
    assert_int_equal(subscription.rooms_n, 3);
    assert_int_equal(subscription.principals_n, 2);
    assert_int_equal(subscription.at_us, 1000000);
    assert_int_equal(subscription.rooms[0].head, 40);
    assert_int_equal(subscription.rooms[0].from, 34);
    assert_false(subscription.rooms[0].reset);
    assert_true(subscription.rooms[1].denied);
    assert_int_equal(subscription.rooms[2].from, 0);
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~40~34&denied=user:me" WHO)), 0);
    assert_true(subscription.rooms[1].denied);
    assert_int_equal(subscription_parse(&subscription, STR("room=user:me~-~-" WHO)), -1);
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~40~-" WHO)), 0);
    assert_int_equal(subscription.rooms[0].from, 40);
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~40~41" WHO)), 0);
    assert_int_equal(subscription.rooms[0].from, 40);
    assert_true(subscription.rooms[0].reset);
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~40~!" WHO)), 0);
    assert_true(subscription.rooms[0].reset);
    assert_true(subscription.until_us == INT64_MAX);
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~40~-" WHO "&until=2000000")), 0);
    assert_int_equal(subscription.until_us, 2000000);
    assert_int_equal(subscription.epoch.n, 0);
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~40~-" WHO "&epoch=7K3QXZ")), 0);
    assert_true(str_eq(subscription.epoch, STR("7K3QXZ")));
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~40~-" WHO "&epoch=7K3QX")), -1);
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~40~0" WHO "&dialect=ag-ui")), 0);
    assert_int_equal(subscription.dialect, DIALECT_AG_UI);
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~40~0" WHO "&dialect=latin")), -1);
    assert_int_equal(
        subscription_parse(
            &subscription,
            STR("room=user:usr_01ARZ3NDEKTSV4RRFFQ69G5FAV.ws_01ARZ3NDEKTSV4RRFFQ69G5FAV~-~-" WHO "&dialect=ag-ui")),
        -1);
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
    struct subscription subscription;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(subscription_parse(&subscription, str_from(bad[i])), -1);
}

// What the door hands over, as the pusher reads it.
static void what_is_printed_is_read_back(void **state)
{
    (void)state;
    const struct subscription given = {
        .rooms_n = 6,
        .principals_n = 2,
        .at_us = 5,
        .until_us = 7,
        .epoch = STR("7K3QXZ"),
        .origin = STR("https://pages.example:8443"),
        .rooms = {{.name = STR(SES), .head = 40, .from = 34},
                  {.name = STR(STRM), .head = 7, .from = CURSOR_NOW},
                  {.name = STR(WS ".programs"), .from = CURSOR_NOW},
                  {.name = STR("user:" USR ".ws_" ID), .reset = true, .from = CURSOR_NOW},
                  {.name = STR("persona:per_" ID), .denied = true, .from = CURSOR_NOW},
                  {.name = STR("stream:str_01ARZ3NDEKTSV4RRFFQ69G5FA0"), .head = 3, .from = 9}},
        .principals = {STR(USR), STR("lgn_" ID)},
    };
    struct buf printed = {0}, again = {0};
    struct subscription read;
    subscription_print(&printed, &given);
    assert_str(buf_view(&printed),
               "room=" SES "~40~34&room=" STRM "~7~-&room=" WS ".programs~-~-&room=user:" USR ".ws_" ID
               "~-~!&denied=persona:per_" ID "&room=stream:str_01ARZ3NDEKTSV4RRFFQ69G5FA0~3~9&principal=" USR
               "&principal=lgn_" ID "&at=5&epoch=7K3QXZ&origin=https://pages.example:8443&until=7");
    assert_int_equal(subscription_parse(&read, buf_view(&printed)), 0);
    static const int64_t from[] = {34, 7, 0, 0, 0, 3};
    static const bool reset[] = {false, false, false, true, false, true};
    for (unsigned i = 0; i < given.rooms_n; i++) {
        assert_true(str_eq(read.rooms[i].name, given.rooms[i].name));
        assert_int_equal(read.rooms[i].denied, given.rooms[i].denied);
        assert_int_equal(read.rooms[i].head, given.rooms[i].head);
        assert_int_equal(read.rooms[i].from, from[i]);
        assert_int_equal(read.rooms[i].reset, reset[i]);
    }
    assert_int_equal(read.at_us, 5);
    assert_int_equal(read.until_us, 7);
    assert_str(read.epoch, "7K3QXZ");
    assert_str(read.origin, "https://pages.example:8443");
    assert_str(read.principals[0], USR);
    assert_str(read.principals[1], "lgn_" ID);
    // What was read is printed with everything resolved, and then reads the same for good.
    subscription_print(&again, &read);
    buf_clear(&printed);
    assert_int_equal(subscription_parse(&read, buf_view(&again)), 0);
    subscription_print(&printed, &read);
    assert_true(str_eq(buf_view(&printed), buf_view(&again)));
    buf_fini(&printed);
    buf_fini(&again);
}

static void a_number_belongs_to_a_counted_room(void **state)
{
    (void)state;
    struct subscription subscription;
    assert_int_equal(subscription_parse(&subscription, STR("room=" WS "~5~-" WHO)), -1);
    assert_int_equal(subscription_parse(&subscription, STR("room=" WS "~-~5" WHO)), -1);
    assert_int_equal(subscription_parse(&subscription, STR("room=" SES "~-~-" WHO)), -1);
    assert_int_equal(subscription_parse(&subscription, STR("room=" WS "~-~!" WHO)), 0);
    assert_true(subscription.rooms[0].reset);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_door_says),
        cmocka_unit_test(another_query_is_refused),
        cmocka_unit_test(what_is_printed_is_read_back),
        cmocka_unit_test(a_number_belongs_to_a_counted_room),
    };
    return cmocka_run_group_tests_name("wire subscription", tests, NULL, NULL);
}
