// A session's beginning and its life: create, claim, heartbeat. Ends and retries are lib/store_ending.h, reading is
// lib/store_trace.h and lib/store_session_list.h. Each function is one statement, which also writes the event into the
// session's room and its stream's.
#ifndef LIB_STORE_SESSION_H
#define LIB_STORE_SESSION_H

#include "lib/publish.h"
#include "lib/answer.h"

// Views into `rows`, which the caller gives back with store_session_result_fini().
struct store_session_result {
    PGresult *rows;
    struct str session;          // printed; of 200 and 201
    struct str session_status;   // of a 409: the state that forbids it
    struct str session_id;       // of a 409: the session in the way
    struct publish_session news; // of a 201: to be published
};

void store_session_result_fini(struct store_session_result *result);

// For the store's own files: runs a statement whose columns are the answer, the state and the session of a 409, the
// printed session of a 200, and the news of a 201.
MUST_USE int store_session_run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                               struct store_session_result *out);

// Its second half: what the rows of `out` say after that answer.
void store_session_read(int answer, struct store_session_result *out);

struct store_session_new {
    const char *id;
    const char *stream, *persona, *trigger, *title, *metadata; // or NULL; metadata is printed JSON
};

// 201 running; 200 created before with this id; 404 also for a stream or message that the persona may not read;
// 409 session_id names the session that is in the way (running in this stream, or of the same trigger), else the id is
// taken elsewhere.
MUST_USE int store_session_create(struct pg *pg, const struct caller *caller, const struct store_session_new *in,
                                  struct store_session_result *out);

// 201 taken now; 200 by the same worker before; 409 session_status is "pending" if session_id is in the way, else what
// the session is.
MUST_USE int store_session_claim(struct pg *pg, const struct caller *caller, const char *session, const char *worker,
                                 struct store_session_result *out);

// 200, or 409 with session_status.
MUST_USE int store_session_heartbeat(struct pg *pg, const struct caller *caller, const char *session,
                                     struct store_session_result *out);

#endif
