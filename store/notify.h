// SPDX-License-Identifier: Apache-2.0
// What is told after a commit, as hints to the pushers (wire/hint.h): one call covers every room that hears of a
// change. Which columns a statement returns for it, and how they are read, is store/notify_columns.h.
#ifndef STORE_NOTIFY_H
#define STORE_NOTIFY_H

#include "store/answer.h"
#include "store/step_json.h"
#include "wire/bus.h"
#include "wire/event.h"

enum notify_event {
    NOTIFY_REQUESTED,
    NOTIFY_STARTED,
    NOTIFY_COMPLETED,
    NOTIFY_FAILED,
    NOTIFY_CANCELLED,
    NOTIFY_REOPENED, // it runs again
    NOTIFY_UPDATED,  // its title, tags or metadata: no change of status
    NOTIFY__MAX
};

// A session that has changed. Absent texts are STR_NONE; without a stream everything from stream_id to followers is
// absent.
struct notify_session {
    struct str session_id;
    int64_t session_seq; // number of the event in the session's room
    struct str workspace_id;
    struct str persona_id;
    struct str stream_id;
    int64_t stream_seq;          // number of the event in the stream's room
    int64_t at_us;               // its time, since 1970
    struct str actor;            // printed object of who did it; absent: the system
    struct str parent_stream_id; // of a thread, with parent_message_id
    struct str parent_message_id;
    struct str root_id; // the channel or scratchpad: the stream itself, or a thread's parent
    int64_t root_last_seq;
    int64_t others_active; // pending and running sessions of the root and its threads, this one not counted
    struct str followers;  // ids of the people in a private root, comma-separated; absent: it is public
    struct str session;    // the printed session, without
    struct str metadata;   // printed; absent: it has none
};

// Appends a printed session with its metadata, as the SQL function session_whole_json has them: events that tell of a
// change of them, and answers to whoever asks for the one session.
void notify_session_print(struct buf *out, struct str session, struct str metadata);

// A change of status: the durable event in the session's and the stream's room; `agent_activity` in a thread and its
// parent; the persona's room for `requested` and `cancelled`; `session:changed` (without a stream to people alone) and
// `stream:activity`.
void notify_session_event(struct bus *bus, enum notify_event event, const struct notify_session *s);

// Its steps are gone: the numbered event in the session's room, whose earlier ones are forgotten, and
// `session:changed`.
void notify_session_pruned(struct bus *bus, const struct notify_session *s);

// `session:changed` alone: an ended session has taken a step.
void notify_session_changed(struct bus *bus, const struct notify_session *s);

// New counters without a change of status (a step has started): `agent_session:progress` and `agent_activity`. Of the
// session only what store/counters.h selects is needed; nothing is sent for a session without a stream.
void notify_session_progress(struct bus *bus, const struct notify_session *s);

// The event of a step with the number `seq`, in its session's room.
void notify_step(struct bus *bus, const struct step_row *step, int64_t seq);
// The number of a session's last event alone: a pusher reads the others at once from the database, instead of being
// sent more than its socket can hold.
void notify_last_step(struct bus *bus, struct str session_id, int64_t seq);

// A person's decision, in the room of the persona that asks: the completed step, without a number.
void notify_decision(struct bus *bus, struct str persona_id, const struct step_row *step);

// `stream:activity` of a channel or scratchpad, in the workspace's rooms or the followers' (stream_followers() in SQL).
// `running` counts the pending and running sessions of the stream and its threads (sessions_active()).
struct notify_stream {
    struct str workspace_id;
    struct str followers;
    struct str stream_id;
    int64_t last_seq;
    int64_t running;
};
void notify_stream_activity(struct bus *bus, const struct notify_stream *stream);

// An ephemeral event for one person, in the windows that show this workspace: `members` are the printed members behind
// "room", or empty.
void notify_to_user(struct bus *bus, struct str workspace_id, struct str user_id, enum event event, struct str members);

// What the rows of a conversation's write say is to be told to whom (migrations/0001_baseline.sql, type `told`). The
// statement decides that; this knows only how each kind goes out. `workspace_id`: in which the write was done.
void notify_rows(struct bus *bus, struct str workspace_id, const struct store_answer *answer);

#endif
