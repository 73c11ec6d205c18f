// SPDX-License-Identifier: Apache-2.0
// Ending sessions that nobody works on any more, each by a guarded statement of its own: a heartbeat or an ending at
// the same moment wins. It also deletes rows that are needed for a limited time only.
#ifndef STORE_SWEEP_H
#define STORE_SWEEP_H

#include "store/answer.h"
#include "store/notify.h"

struct store_sweep_limits {
    int64_t
        heartbeat_s;   // a running session that heartbeats may be silent for so long; others have a limit of their own
    int64_t pending_s; // a pending one may wait for so long
};

enum sweep_reason { SWEEP_HEARTBEAT_LOST, SWEEP_SOURCE_SILENT, SWEEP_NOT_PICKED_UP, SWEEP__MAX };
enum sweep_scope { SWEEP_ALL, SWEEP_SOURCES }; // SOURCES: only running sessions that do not heartbeat

// Sessions that seem to be over their limit, oldest first, a bounded number of them, perhaps none. After a restart of
// the database every session has the whole limit again, because nobody could send heartbeats while it was away.
MUST_USE struct store_answer store_sweep_find(struct pg *pg, const struct store_sweep_limits *limits,
                                              enum sweep_scope scope);

struct store_sweep_silent {
    struct str id;
    enum sweep_reason reason;
};
void store_sweep_read(const struct store_answer *answer, int row, struct store_sweep_silent *session);

// Fails the session if it still has the status and is over its limit, and fills *change for notify_session_event(),
// which lives as long as the answer; otherwise NOT_FOUND.
MUST_USE struct store_answer store_sweep_end(struct pg *pg, const struct store_sweep_silent *session,
                                             const struct store_sweep_limits *limits, struct notify_session *change);

// The code of the error with which a session is ended for that reason.
const char *store_sweep_code(enum sweep_reason reason);

// Deletes old failures to sign in, expired sign-ins, and revocations that every live stream has seen: a bounded number
// at a time.
MUST_USE enum store_outcome store_sweep_tidy(struct pg *pg);

#endif
