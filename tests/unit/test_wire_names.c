// SPDX-License-Identifier: Apache-2.0
// The tables of wire/: rooms, events and sockets.
#include "tests/unit/base.h"

#include "wire/event.h"
#include "wire/hint.h"
#include "wire/room_name.h"
#include "wire/socket.h"

#define ID "01ARZ3NDEKTSV4RRFFQ69G5FAV"

static const struct {
    const char *internal, *public;
    enum room_kind kind;
    bool counted;
} rooms[] = {
    {"session:ses_" ID, "session:ses_" ID, ROOM_SESSION, true},
    {"stream:str_" ID, "stream:str_" ID, ROOM_STREAM, true},
    {"workspace:ws_" ID, "workspace:ws_" ID, ROOM_WORKSPACE, false},
    {"workspace:ws_" ID ".programs", "workspace:ws_" ID, ROOM_WORKSPACE, false},
    {"user:usr_" ID ".ws_" ID, "user:me", ROOM_USER, false},
    {"persona:per_" ID, "persona:per_" ID, ROOM_PERSONA, false},
};

static void a_room_is_printed_as_it_was_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rooms); i++) {
        struct room_name name;
        struct buf b = {0};
        assert_int_equal(room_name_parse(str_from(rooms[i].internal), &name), 0);
        assert_int_equal(name.kind, rooms[i].kind);
        assert_int_equal(room_name_is_counted(name.kind), rooms[i].counted);
        room_name_print(&b, &name);
        assert_str(buf_view(&b), rooms[i].internal);
        assert_str(room_name_public(buf_view(&b)), rooms[i].public);
        buf_fini(&b);
    }
}

static void a_public_name_is_read_as_clients_write_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rooms); i++) {
        struct room_name name;
        assert_int_equal(room_name_parse_public(str_from(rooms[i].public), &name), 0);
        assert_int_equal(name.kind, rooms[i].kind);
        assert_null(name.side.p);
    }
    static const char *const bad[] = {
        "", "session", "session:", "user:usr_" ID, "user:", "workspace:ws_" ID ".programs", "stream:ses_" ID, "agent:x",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct room_name name;
        assert_int_equal(room_name_parse_public(str_from(bad[i]), &name), -1);
    }
}

// A program means only the workspace's second room by its name, a person only the first.
static void a_public_name_means_one_room_to_each_caller(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rooms); i++) {
        for (int is_program = 0; is_program < 2; is_program++) {
            struct room_name name;
            struct buf b = {0};
            assert_int_equal(room_name_parse_public(str_from(rooms[i].public), &name), 0);
            name = room_name_meant(name, STR("usr_" ID), STR("ws_" ID), is_program);
            room_name_print(&b, &name);
            bool is_other_side = name.kind == ROOM_WORKSPACE && is_program == !strstr(rooms[i].internal, ".programs");
            assert_int_equal(str_eq(buf_view(&b), str_from(rooms[i].internal)), !is_other_side);
            buf_fini(&b);
        }
    }
    assert_true(room_name_is_greeted(ROOM_USER) && !room_name_is_greeted(ROOM_PERSONA));
}

static void other_internal_names_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "session",
        "session:",
        "session:ses_" ID ".",
        "session:ses_" ID ".programs",
        "session:str_" ID,
        "session:ses_01ARZ3NDEKTSV4RRFFQ69G5FAI", // no digit of an id
        "user:me",
        "user:usr_" ID,
        "user:usr_" ID ".usr_" ID,
        "workspace:ws_" ID ".people",
        "Session:ses_" ID,
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct room_name name;
        assert_int_equal(room_name_parse(str_from(bad[i]), &name), -1);
    }
}

static void every_event_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT__MAX; i++)
        assert_int_equal(event_named(str_from(event_name((enum event)i))), i);
    assert_int_equal(event_named(STR("agent_session:")), EVENT__MAX);
    assert_int_equal(event_named(STR_NONE), EVENT__MAX);
}

static void events_do_to_their_room_what_they_say(void **state)
{
    (void)state;
    static const enum event endings[] = {EVENT_SESSION_COMPLETED, EVENT_SESSION_FAILED, EVENT_SESSION_CANCELLED};
    for (size_t i = 0; i < COUNT(endings); i++) {
        assert_int_equal(event_flags(endings[i], ROOM_SESSION), HINT_ENDS_ROOM);
        assert_int_equal(event_flags(endings[i], ROOM_STREAM), 0);
        assert_true(event_ends_session(endings[i]));
    }
    assert_false(event_ends_session(EVENT_SESSION_STARTED));
    assert_int_equal(event_flags(EVENT_STEP_STARTED, ROOM_SESSION), HINT_OPENS_STEP);
    assert_int_equal(event_flags(EVENT_STEP_COMPLETED, ROOM_SESSION), HINT_ENDS_STEP);
    assert_int_equal(event_flags(EVENT_MESSAGE_DELETED, ROOM_STREAM), HINT_FORGETS);
    assert_int_equal(event_flags(EVENT_MESSAGE_CREATED, ROOM_STREAM), 0);
    assert_int_equal(event_flags(EVENT__MAX, ROOM_SESSION), 0);
}

static void sockets_have_their_names(void **state)
{
    (void)state;
    char name[SOCKET_NAME_SIZE];
    assert_string_equal(socket_name(name, SOCKET_TRACE_API, 0), "trace-api.sock");
    assert_string_equal(socket_name(name, SOCKET_WORKSPACE_API, 0), "workspace-api.sock");
    assert_string_equal(socket_name(name, SOCKET_INGEST_API, 0), "ingest-api.sock");
    assert_string_equal(socket_name(name, SOCKET_SIGN_IN, 0), "sign-in.sock");
    assert_string_equal(socket_name(name, SOCKET_STREAMS, 1), "pusher-1.http");
    assert_string_equal(socket_name(name, SOCKET_HINTS, SOCKET_PUSHERS_MAX), "pusher-64.hint");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_room_is_printed_as_it_was_read),
        cmocka_unit_test(a_public_name_is_read_as_clients_write_it),
        cmocka_unit_test(a_public_name_means_one_room_to_each_caller),
        cmocka_unit_test(other_internal_names_are_refused),
        cmocka_unit_test(every_event_has_a_name_of_its_own),
        cmocka_unit_test(events_do_to_their_room_what_they_say),
        cmocka_unit_test(sockets_have_their_names),
    };
    return cmocka_run_group_tests_name("wire names", tests, NULL, NULL);
}
