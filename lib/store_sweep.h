// Ending sessions that nobody works on any more, each by its own guarded statement: one that heartbeats or ends in the
// same moment wins. And deleting what only mattered for a while.
#ifndef LIB_STORE_SWEEP_H
#define LIB_STORE_SWEEP_H

#include "lib/publish.h"
#include "lib/store.h"

struct store_sweep_limits {
    int64_t heartbeat_s; // a running session may be silent for so long
    int64_t pending_s;   // a pending one may wait for so long
};

// Sessions that seem to be over their limit, oldest first, a bounded number. Columns: id, status. After a restart of
// the database everybody has the whole limit again, because nobody could heartbeat while it was away.
MUST_USE enum store_outcome store_sweep_find(struct pg *pg, const struct store_sweep_limits *limits, PGresult **rows);

// Fails the session if it is in `status` and over its limit still; else NOT_FOUND. On STORE_OK the first row has the
// columns that publish_read takes, from 0; the caller clears it.
MUST_USE enum store_outcome store_sweep_end(struct pg *pg, struct str id, struct str status,
                                            const struct store_sweep_limits *limits, PGresult **rows);

// The code of the error with which a session of that status is ended.
const char *store_sweep_code(struct str status);

// Old failures to sign in, expired sign-ins, and revocations that no live stream can have missed; a bounded number a
// call.
MUST_USE enum store_outcome store_sweep_tidy(struct pg *pg);

#endif
