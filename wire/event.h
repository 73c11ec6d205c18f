// SPDX-License-Identifier: Apache-2.0
// The one table of the events that clients receive: their names, and what each does to its room. Store and programs
// take names from here, the page has the same list (static/store/apply.js, static/events.js), and tests/lint/events.sh
// compares the two. What an event carries is not its subject.
#ifndef WIRE_EVENT_H
#define WIRE_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "wire/room_name.h"

enum event {
    // A session's course: numbered in the session's room and in its stream's.
    EVENT_SESSION_REQUESTED,
    EVENT_SESSION_STARTED,
    EVENT_SESSION_COMPLETED,
    EVENT_SESSION_FAILED,
    EVENT_SESSION_CANCELLED,
    EVENT_SESSION_UPDATED,
    // Its steps: numbered in the session's room, but for the text while it is written.
    EVENT_STEP_STARTED,
    EVENT_STEP_COMPLETED,
    EVENT_STEP_UPDATED,
    EVENT_STEP_PROGRESS,
    // A conversation: numbered in the stream's room.
    EVENT_MESSAGE_CREATED,
    EVENT_MESSAGE_UPDATED,
    EVENT_MESSAGE_DELETED,
    EVENT_THREAD_CREATED,
    EVENT_STREAM_UPDATED,
    // Never numbered.
    EVENT_SESSION_PROGRESS,
    EVENT_SESSION_CHANGED,
    EVENT_ACTIVITY_SNAPSHOT,
    EVENT_WORKSPACE_SNAPSHOT,
    EVENT_STREAM_ACTIVITY,
    EVENT_STREAM_MENTIONED,
    EVENT_STREAM_READ,
    EVENT_STREAM_ADDED,
    EVENT_STREAM_REMOVED,
    // What a share's reader hears of the session's room, and of its number.
    EVENT_SHARE_CHANGED,
    // What the pusher says about the stream of events itself.
    EVENT_READY,
    EVENT_PING,
    EVENT_UNAVAILABLE,
    EVENT_RESET,
    EVENT_REVOKED,
    EVENT_END,
    EVENT__MAX
};

const char *event_name(enum event event);
// The event of that name, or EVENT__MAX.
enum event event_named(struct str name);
// What it does in a room of that kind: HINT_OPENS_STEP, HINT_ENDS_STEP, HINT_ENDS_ROOM, HINT_FORGETS (wire/hint.h).
uint32_t event_flags(enum event event, enum room_kind kind);
// True if the session is terminal with this event.
bool event_ends_session(enum event event);

#endif
