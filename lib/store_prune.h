// Deleting what is old. Of a session that ended, its steps, their sources and its room's events go; the session itself
// stays with its counters, for its card in the timeline, its messages' links and its chain of retries. Its last event
// stays too: who resumes its room from before learns that there is nothing between.
#ifndef LIB_STORE_PRUNE_H
#define LIB_STORE_PRUNE_H

#include "lib/pg.h"
#include "lib/store.h"

// Ids of sessions behind `after` (an id, or "") that ended `age_s` seconds ago or earlier and still have their steps, a
// bounded number in the order of their ids. `workspace_id`: NULL for all.
MUST_USE enum store_outcome store_prune_find(struct pg *pg, int64_t age_s, const char *workspace_id, const char *after,
                                             PGresult **rows);

// All of one session or nothing. NOT_FOUND: somebody else has. *steps: how many were deleted.
MUST_USE enum store_outcome store_prune_session(struct pg *pg, const char *id, int64_t *steps);

#endif
