// SPDX-License-Identifier: Apache-2.0
// Deleting what is old. The steps of a session that ended go, with their sources, the texts and prompts that they quote
// and the events of its room; the session itself stays with its counters, for its card in the timeline, the links of
// its messages and its chain of retries. Its last event stays, which says that it was pruned: so a reader who resumes
// the room from before learns that there is nothing in between.
#ifndef STORE_PRUNE_H
#define STORE_PRUNE_H

#include "store/answer.h"
#include "wire/bus.h"

// Ids of sessions behind `after` (an id, or "") that ended `age_s` seconds ago or earlier, still have their steps and
// are under no hold, a bounded number in the order of their ids. `workspace_id`: NULL for all.
MUST_USE struct store_answer store_prune_find(struct pg *pg, int64_t age_s, const char *workspace_id,
                                              const char *after);

// Those that are due by the rules of retention, the oldest first, a bounded number.
MUST_USE struct store_answer store_prune_due(struct pg *pg);
struct str store_prune_id(const struct store_answer *answer, int row);

// All of one session or nothing, and its readers are told. NOT_FOUND: it has been pruned, runs again or is under a hold
// meanwhile. *steps: how many were deleted.
MUST_USE enum store_outcome store_prune_session(struct pg *pg, struct bus *bus, const char *id, int64_t *steps);

#endif
