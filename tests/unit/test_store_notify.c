// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include "base/log.h"
#include "store/notify.h"
#include "tests/unit/wire_pusher.h"

struct world {
    struct pusher pusher;
    struct bus *bus;
};

static void world_init(struct world *w)
{
    pusher_init(&w->pusher);
    pusher_come(&w->pusher, 1);
    w->bus = bus_new(w->pusher.directory, 1, "");
}

static void world_fini(struct world *w)
{
    struct hint none;
    assert_false(pusher_take(&w->pusher, &none));
    bus_free(w->bus);
    pusher_fini(&w->pusher);
}

static void expect(struct world *w, const char *room, const char *name, int64_t seq, uint32_t flags, const char *body)
{
    struct hint h;
    assert_true(pusher_take(&w->pusher, &h));
    assert_str(h.room, room);
    assert_str(h.name, name);
    assert_true(h.seq == seq);
    assert_int_equal(h.flags, flags);
    assert_str(h.body, body);
    assert_true((h.stamp_ns != 0) == (seq != 0));
}

#define S "{\"id\":\"ses_1\"}"

static const struct notify_session alone = {.session_id = {"ses_1", 5},
                                            .session_seq = 4,
                                            .workspace_id = {"ws_1", 4},
                                            .persona_id = {"per_1", 5},
                                            .session = {S, sizeof S - 1}};

static struct notify_session in_channel(void)
{
    struct notify_session s = alone;
    s.stream_id = s.root_id = STR("str_c");
    s.stream_seq = s.root_last_seq = 9;
    s.at_us = 1000;
    s.others_active = 2;
    return s;
}

static struct notify_session in_private_thread(void)
{
    struct notify_session s = alone;
    s.stream_id = STR("str_t");
    s.stream_seq = 3;
    s.at_us = 1000;
    s.actor = STR("{\"type\":\"user\"}");
    s.parent_stream_id = s.root_id = STR("str_c");
    s.parent_message_id = STR("msg_1");
    s.root_last_seq = 12;
    s.followers = STR("usr_a,usr_b");
    return s;
}

static void without_a_stream_the_people_hear(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    notify_session_event(w.bus, NOTIFY_STARTED, &alone);
    expect(&w, "session:ses_1", "agent_session:started", 4, 0,
           "{\"room\":\"session:ses_1\",\"seq\":4,\"session\":" S "}");
    expect(&w, "workspace:ws_1", "session:changed", 0, 0, "{\"room\":\"workspace:ws_1\",\"session\":" S "}");
    notify_session_progress(w.bus, &alone);
    world_fini(&w);
}

static void in_a_public_channel_room_stream_and_workspace_hear(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    struct notify_session s = in_channel();
    notify_session_event(w.bus, NOTIFY_COMPLETED, &s);
    expect(&w, "session:ses_1", "agent_session:completed", 4, HINT_ENDS_ROOM,
           "{\"room\":\"session:ses_1\",\"seq\":4,\"session\":" S "}");
    expect(&w, "stream:str_c", "agent_session:completed", 9, 0,
           "{\"room\":\"stream:str_c\",\"seq\":9,\"type\":\"agent_session:completed\","
           "\"createdAt\":\"1970-01-01T00:00:00.001Z\",\"session\":" S "}");
    static const char *const rooms[] = {"workspace:ws_1", "workspace:ws_1.programs"};
    for (size_t i = 0; i < COUNT(rooms); i++)
        expect(&w, rooms[i], "session:changed", 0, 0, "{\"room\":\"workspace:ws_1\",\"session\":" S "}");
    for (size_t i = 0; i < COUNT(rooms); i++)
        expect(&w, rooms[i], "stream:activity", 0, 0,
               "{\"room\":\"workspace:ws_1\",\"streamId\":\"str_c\",\"lastSeq\":9,\"running\":2}");
    world_fini(&w);
}

static void in_a_private_thread_parent_and_members_hear(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    struct notify_session s = in_private_thread();
    notify_session_event(w.bus, NOTIFY_CANCELLED, &s);
    expect(&w, "session:ses_1", "agent_session:cancelled", 4, HINT_ENDS_ROOM,
           "{\"room\":\"session:ses_1\",\"seq\":4,\"session\":" S "}");
    expect(&w, "stream:str_t", "agent_session:cancelled", 3, 0,
           "{\"room\":\"stream:str_t\",\"seq\":3,\"type\":\"agent_session:cancelled\","
           "\"createdAt\":\"1970-01-01T00:00:00.001Z\",\"actor\":{\"type\":\"user\"},\"session\":" S "}");
    expect(&w, "stream:str_c", "message:updated", 0, 0,
           "{\"room\":\"stream:str_c\",\"messageId\":\"msg_1\",\"updateType\":\"agent_activity\",\"session\":" S "}");
    expect(&w, "stream:str_t", "message:updated", 0, 0,
           "{\"room\":\"stream:str_t\",\"messageId\":\"msg_1\",\"updateType\":\"agent_activity\",\"session\":" S "}");
    expect(&w, "persona:per_1", "agent_session:cancelled", 0, 0, "{\"room\":\"persona:per_1\",\"session\":" S "}");
    expect(&w, "user:usr_a.ws_1", "session:changed", 0, 0, "{\"room\":\"user:me\",\"session\":" S "}");
    expect(&w, "user:usr_b.ws_1", "session:changed", 0, 0, "{\"room\":\"user:me\",\"session\":" S "}");
    expect(&w, "user:usr_a.ws_1", "stream:activity", 0, 0,
           "{\"room\":\"user:me\",\"streamId\":\"str_c\",\"lastSeq\":12,\"running\":0}");
    expect(&w, "user:usr_b.ws_1", "stream:activity", 0, 0,
           "{\"room\":\"user:me\",\"streamId\":\"str_c\",\"lastSeq\":12,\"running\":0}");
    world_fini(&w);
}

static void personas_hear_of_requests_and_cancellations_only(void **state)
{
    (void)state;
    static const char *const names[NOTIFY__MAX] = {
        [NOTIFY_REQUESTED] = "agent_session:requested", [NOTIFY_STARTED] = "agent_session:started",
        [NOTIFY_COMPLETED] = "agent_session:completed", [NOTIFY_FAILED] = "agent_session:failed",
        [NOTIFY_CANCELLED] = "agent_session:cancelled", [NOTIFY_REOPENED] = "agent_session:updated",
        [NOTIFY_UPDATED] = "agent_session:updated",
    };
    static const bool told[NOTIFY__MAX] = {[NOTIFY_REQUESTED] = true, [NOTIFY_CANCELLED] = true};
    for (int event = 0; event < NOTIFY__MAX; event++) {
        struct world w;
        struct hint h;
        bool heard = false;
        world_init(&w);
        notify_session_event(w.bus, (enum notify_event)event, &alone);
        while (pusher_take(&w.pusher, &h)) {
            heard |= str_starts(h.room, STR("persona:"));
            if (!str_starts(h.room, STR("session:")))
                continue;
            assert_true(str_eq(h.name, str_from(names[event])));
            assert_int_equal((h.flags & HINT_REOPENS_ROOM) != 0, event == NOTIFY_REOPENED);
        }
        assert_int_equal(heard, told[event]);
        world_fini(&w);
    }
}

static void one_that_is_active_counts_itself(void **state)
{
    (void)state;
    struct world w;
    struct hint h;
    world_init(&w);
    struct notify_session s = in_channel();
    notify_session_event(w.bus, NOTIFY_STARTED, &s);
    while (pusher_take(&w.pusher, &h))
        if (str_eq(h.name, STR("stream:activity")))
            assert_str(h.body, "{\"room\":\"workspace:ws_1\",\"streamId\":\"str_c\",\"lastSeq\":9,\"running\":3}");
    world_fini(&w);
}

static void progress_goes_to_the_stream_and_the_message(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    struct notify_session s = in_private_thread();
    notify_session_progress(w.bus, &s);
    expect(&w, "stream:str_t", "agent_session:progress", 0, 0, "{\"room\":\"stream:str_t\",\"session\":" S "}");
    expect(&w, "stream:str_c", "message:updated", 0, 0,
           "{\"room\":\"stream:str_c\",\"messageId\":\"msg_1\",\"updateType\":\"agent_activity\",\"session\":" S "}");
    expect(&w, "stream:str_t", "message:updated", 0, 0,
           "{\"room\":\"stream:str_t\",\"messageId\":\"msg_1\",\"updateType\":\"agent_activity\",\"session\":" S "}");
    world_fini(&w);
}

static void people_and_empty_streams(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    notify_to_user(w.bus, STR("ws_1"), STR("usr_a"), EVENT_STREAM_ADDED, STR("\"streamId\":\"str_c\""));
    expect(&w, "user:usr_a.ws_1", "stream:added", 0, 0, "{\"room\":\"user:me\",\"streamId\":\"str_c\"}");
    notify_to_user(w.bus, STR("ws_1"), STR("usr_a"), EVENT_STREAM_REMOVED, STR_NONE);
    expect(&w, "user:usr_a.ws_1", "stream:removed", 0, 0, "{\"room\":\"user:me\"}");
    struct notify_stream empty = {.workspace_id = STR("ws_1"), .followers = STR(""), .stream_id = STR("str_c")};
    notify_stream_activity(w.bus, &empty);
    world_fini(&w);
}

static void a_step_is_told_by_the_number_of_its_event(void **state)
{
    (void)state;
    struct world w;
    struct hint h;
    world_init(&w);
    struct step_row step = {.id = STR("stp_1"),
                            .session_id = STR("ses_1"),
                            .number = 1,
                            .type = STR("thinking"),
                            .start_seq = 2,
                            .end_seq = 3,
                            .seq = 3,
                            .started_us = 1000,
                            .completed_us = 2000};
    for (int64_t seq = 2; seq <= 3; seq++) {
        notify_step(w.bus, &step, seq);
        assert_true(pusher_take(&w.pusher, &h));
        assert_str(h.room, "session:ses_1");
        assert_str(h.name, seq == 2 ? "agent_session:step:started" : "agent_session:step:completed");
        assert_str(h.step, "stp_1");
        assert_true(h.seq == seq && h.start_seq == 2 && h.stamp_ns != 0);
        assert_int_equal(h.flags, seq == 2 ? HINT_OPENS_STEP : HINT_ENDS_STEP);
    }
    notify_last_step(w.bus, STR("ses_1"), 9);
    expect(&w, "session:ses_1", "agent_session:step:completed", 9, 0, "");
    world_fini(&w);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    log_init("test", LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_stream_the_people_hear),
        cmocka_unit_test(in_a_public_channel_room_stream_and_workspace_hear),
        cmocka_unit_test(in_a_private_thread_parent_and_members_hear),
        cmocka_unit_test(personas_hear_of_requests_and_cancellations_only),
        cmocka_unit_test(one_that_is_active_counts_itself),
        cmocka_unit_test(a_step_is_told_by_the_number_of_its_event),
        cmocka_unit_test(progress_goes_to_the_stream_and_the_message),
        cmocka_unit_test(people_and_empty_streams),
    };
    return cmocka_run_group_tests_name("store notify", tests, NULL, NULL);
}
