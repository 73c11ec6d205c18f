// SPDX-License-Identifier: Apache-2.0
// Traces that come in by the door for foreign agents (migrations/functions/ingest.sql): their sessions are found by the
// id that the trace has with its client, made by whatever comes first of it, and ended when its root has. Their steps
// are put as everybody's are (store/put.h).
#ifndef STORE_INGEST_H
#define STORE_INGEST_H

#include "store/answer.h"
#include "store/notify.h"
#include "store/put_list.h"

// Whether a token may come to the door. OK, STRANGER, FORBIDDEN (without the scope).
struct store_ingest_caller {
    bool is_only; // it has no other scope
    struct str workspace_id;
};
MUST_USE struct store_answer store_ingest_token(struct pg *pg, const char *secret, struct store_ingest_caller *caller);

// What one request says of a session; absent is STR_NONE. The names are those of the columns.
struct store_ingest_session {
    struct str source_kind, client, client_version, external_id;
    struct str title, thread_key, user_key, environment, project, system_prompt;
    int title_rank;
    struct str tags, metadata, tools; // printed JSON
    struct str seeks;                 // printed JSON, ids of steps: the session is the one that has one of them
    struct str hidden; // printed JSON, members of an array {id, parent, started, ended}: spans that are no steps
    bool may_create;
    int64_t started_us;
    struct str root_step_id; // absent: none of these steps is the root
    struct str root_outcome; // completed, failed or cancelled: it has ended
};

// … and of its steps, which may be none.
struct store_ingest_trace {
    struct store_ingest_session session;
    const struct store_put_step *steps;
    int n;
};

// Traces of one call. Of more steps of a trace only the number of the last event is told, and the pushers read them.
enum { STORE_INGEST_TRACES_MAX = 64, STORE_INGEST_TOLD_MAX = 64 };

// Keeps the traces in one transaction and one round trip. They must come in an order that is the same for all callers,
// because the session of each is locked until all are kept. OK: an answer for each, which the caller ends; otherwise
// nothing was kept, and there are none.
MUST_USE enum store_outcome store_ingest_write(struct pg *pg, const char *secret,
                                               const struct store_ingest_trace traces[], int n,
                                               struct store_answer answers[]);

// Of an answer that is WRITTEN (its session was made), OK (it was there) or CONFLICT (it takes nothing any more): how
// many steps it did not take. NOT_FOUND: there is no session, and none was to be made.
int64_t store_ingest_refused(const struct store_answer *answer);

// Running sessions whose root has ended and that have been quiet for a while: some clients never say that a step ended
// when a run is stopped, others send what is open after the root. A list, oldest first.
MUST_USE struct store_answer store_ingest_unsettled(struct pg *pg);
struct str store_ingest_unsettled_id(const struct store_answer *answer, int row);

// Ends one of them as its root ended, if it is still so: WRITTEN; OK if not. What is open is interrupted.
MUST_USE struct store_answer store_ingest_settle(struct pg *pg, const char *session);

// After the commit: tells the pushers what came of a trace or a session.
void store_ingest_tell(struct bus *bus, const struct store_answer *answer);

#endif
