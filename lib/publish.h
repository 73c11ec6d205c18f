// What everybody is told when a session's status or counters change, as hints after the commit: one call covers the
// session's room, its stream's, the parent's, the persona's and the workspace's or the members' rooms. Statements
// return the columns of the SQL function session_news (migrations/0007_telling.sql), publish_read reads them. Steps and
// messages are not its subject: who writes them prints and sends them.
#ifndef LIB_PUBLISH_H
#define LIB_PUBLISH_H

#include "lib/bus.h"
#include "lib/pg.h"

enum publish_event {
    PUBLISH_REQUESTED,
    PUBLISH_STARTED,
    PUBLISH_COMPLETED,
    PUBLISH_FAILED,
    PUBLISH_CANCELLED,
    PUBLISH__MAX
};

enum { PUBLISH_COLUMNS = 15 };

// The columns of session_news in their order. Absent texts are STR_NONE; without a stream everything from stream_id to
// followers is absent.
struct publish_session {
    struct str session_id;
    int64_t session_seq; // number of the event in the session's room
    struct str workspace_id;
    struct str persona_id;
    struct str stream_id;
    int64_t stream_seq;          // number of the event in the stream's room
    int64_t at;                  // its time, microseconds since 1970
    struct str actor;            // printed object of who did it; absent: the system
    struct str parent_stream_id; // of a thread, with parent_message_id
    struct str parent_message_id;
    struct str root_id; // the channel or scratchpad: the stream itself, or a thread's parent
    int64_t root_last_seq;
    int64_t others_active; // pending and running sessions of the root and its threads, this one not counted
    struct str followers;  // ids of the people in a private root, comma-separated; absent: it is public
    struct str session;    // the printed session
};

// Views into `rows`, whose columns `first` to `first` + PUBLISH_COLUMNS - 1 are session_news.
void publish_read(struct publish_session *s, const PGresult *rows, int row, int first);

// The name of the event, as the tables store it ("agent_session:failed").
const char *publish_name(enum publish_event event);

// A change of status: the durable event in the session's and the stream's room; `agent_activity` in a thread and its
// parent; the persona's room for `requested` and `cancelled`; `session:changed` (without a stream to people alone) and
// `stream:activity`.
void publish_session_event(struct bus *bus, enum publish_event event, const struct publish_session *s);

// New counters without a change of status (a step has started): `agent_session:progress` and `agent_activity`. Needs
// what publish_read_progress() reads of STORE_COUNTERS; nothing is sent for a session without a stream.
void publish_read_progress(struct publish_session *s, const PGresult *rows, int row, int column);
void publish_session_progress(struct bus *bus, const struct publish_session *s);

// `stream:activity` of a channel or scratchpad, in the workspace's rooms or the followers' (stream_followers() in SQL).
// `running` counts the pending and running sessions of the stream and its threads (sessions_active()).
struct publish_stream {
    struct str workspace_id;
    struct str followers;
    struct str stream_id;
    int64_t last_seq;
    int64_t running;
};
void publish_stream_activity(struct bus *bus, const struct publish_stream *stream);

// An ephemeral event for one person, in the windows that show this workspace: `members` are the printed members behind
// "room", or empty.
void publish_to_user(struct bus *bus, struct str workspace_id, struct str user_id, const char *name,
                     struct str members);

#endif
