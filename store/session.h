// SPDX-License-Identifier: Apache-2.0
// A session's beginning and its life: create, claim, heartbeat. Ends and retries are store/ending.h, reading is
// store/trace.h and store/session_list.h. Each function is one statement, which also writes the event into the
// session's room and its stream's.
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include "store/notify.h"
#include "store/answer.h"

// Views that live as long as the answer.
struct store_session_seen {
    struct str session;           // printed; of OK and WRITTEN, then without
    struct str metadata;          // (notify_session_print())
    struct str session_status;    // of a CONFLICT: the state that forbids it
    struct str session_id;        // of a CONFLICT: the session in the way
    struct notify_session change; // of WRITTEN: for notify_session_event()
};

// What the answer of each function below and of store_ending_retry() says.
void store_session_read(const struct store_answer *answer, struct store_session_seen *seen);

// Where it comes from and what it belongs to: texts, or NULL.
struct store_session_about {
    const char *source; // printed JSON: {kind, client, version}
    const char *source_kind;
    const char *external_id; // with the kind of source, one session of a persona
    const char *thread_key, *user_key;
    const char *tags; // printed JSON list
    const char *environment, *project;
};

struct store_session_new {
    const char *id;
    const char *stream, *persona, *trigger, *title, *metadata; // or NULL; metadata is printed JSON
    const char *started_us; // microseconds since 1970 by the client's clock; NULL: now
    struct store_session_about about;
    bool is_silent;        // it does not heartbeat, and may be silent for as long as its token says
    bool is_of_other_time; // the id was not made lately: only a session that is there already may have it
};

// WRITTEN: running. OK: created before with this id, or with this external id. MISFIT: the id is of another time.
// NOT_FOUND also for a stream or message that the persona may not read. CONFLICT: session_id names the session that is
// in the way (running in this stream, or of the same trigger); without one, the id is taken elsewhere.
MUST_USE struct store_answer store_session_create(struct pg *pg, const struct caller *caller,
                                                  const struct store_session_new *in);

// Changes what `said` names of its title, tags and metadata, by its agent: printed JSON, with null where one is
// emptied. WRITTEN, OK: it was so already. CONFLICT with session_status, or `is_pruned`.
MUST_USE struct store_answer store_session_patch(struct pg *pg, const struct caller *caller, const char *session,
                                                 const char *said, bool *is_pruned);

// WRITTEN: taken now. OK: taken by the same worker before. CONFLICT: session_status is "pending" if session_id is in
// the way, otherwise what the session is.
MUST_USE struct store_answer store_session_claim(struct pg *pg, const struct caller *caller, const char *session,
                                                 const char *worker);

// OK. WRITTEN: the server had ended the session for its silence, and it runs again. CONFLICT with session_status.
MUST_USE struct store_answer store_session_heartbeat(struct pg *pg, const struct caller *caller, const char *session);

#endif
