// SPDX-License-Identifier: Apache-2.0
#include "wire/event.h"

#include "wire/hint.h"

// A deletion takes effect in every room. The other effects are those in the session's own room: a stream goes on after
// the end of a session in it.
static const struct row {
    const char *name;
    uint32_t in_session;
    uint32_t everywhere;
} rows[EVENT__MAX] = {
    [EVENT_SESSION_REQUESTED] = {"agent_session:requested", 0, 0},
    [EVENT_SESSION_STARTED] = {"agent_session:started", 0, 0},
    [EVENT_SESSION_COMPLETED] = {"agent_session:completed", HINT_ENDS_ROOM, 0},
    [EVENT_SESSION_FAILED] = {"agent_session:failed", HINT_ENDS_ROOM, 0},
    [EVENT_SESSION_CANCELLED] = {"agent_session:cancelled", HINT_ENDS_ROOM, 0},
    [EVENT_SESSION_UPDATED] = {"agent_session:updated", 0, 0},
    [EVENT_STEP_STARTED] = {"agent_session:step:started", HINT_OPENS_STEP, 0},
    [EVENT_STEP_COMPLETED] = {"agent_session:step:completed", HINT_ENDS_STEP, 0},
    [EVENT_STEP_UPDATED] = {"agent_session:step:updated", 0, 0},
    [EVENT_STEP_PROGRESS] = {"agent_session:step:progress", 0, 0},
    [EVENT_MESSAGE_CREATED] = {"message:created", 0, 0},
    [EVENT_MESSAGE_UPDATED] = {"message:updated", 0, 0},
    [EVENT_MESSAGE_DELETED] = {"message:deleted", 0, HINT_FORGETS},
    [EVENT_THREAD_CREATED] = {"thread:created", 0, 0},
    [EVENT_STREAM_UPDATED] = {"stream:updated", 0, 0},
    [EVENT_SESSION_PROGRESS] = {"agent_session:progress", 0, 0},
    [EVENT_SESSION_CHANGED] = {"session:changed", 0, 0},
    [EVENT_ACTIVITY_SNAPSHOT] = {"agent_session:activity_snapshot", 0, 0},
    [EVENT_WORKSPACE_SNAPSHOT] = {"workspace:snapshot", 0, 0},
    [EVENT_STREAM_ACTIVITY] = {"stream:activity", 0, 0},
    [EVENT_STREAM_MENTIONED] = {"stream:mentioned", 0, 0},
    [EVENT_STREAM_READ] = {"stream:read", 0, 0},
    [EVENT_STREAM_ADDED] = {"stream:added", 0, 0},
    [EVENT_STREAM_REMOVED] = {"stream:removed", 0, 0},
    [EVENT_SHARE_CHANGED] = {"share:changed", 0, 0},
    [EVENT_READY] = {"ready", 0, 0},
    [EVENT_PING] = {"ping", 0, 0},
    [EVENT_UNAVAILABLE] = {"unavailable", 0, 0},
    [EVENT_RESET] = {"reset", 0, 0},
    [EVENT_REVOKED] = {"revoked", 0, 0},
    [EVENT_END] = {"end", 0, 0},
};

const char *event_name(enum event event)
{
    return rows[event].name;
}

enum event event_named(struct str name)
{
    for (int i = 0; i < EVENT__MAX; i++)
        if (str_eq(name, str_from(rows[i].name)))
            return (enum event)i;
    return EVENT__MAX;
}

uint32_t event_flags(enum event event, enum room_kind kind)
{
    return event == EVENT__MAX ? 0 : rows[event].everywhere | (kind == ROOM_SESSION ? rows[event].in_session : 0);
}

bool event_ends_session(enum event event)
{
    return event_flags(event, ROOM_SESSION) & HINT_ENDS_ROOM;
}
