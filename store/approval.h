// SPDX-License-Identifier: Apache-2.0
// A person's decision about what an agent asks with a step of the type approval (migrations/functions/approval.sql).
#ifndef STORE_APPROVAL_H
#define STORE_APPROVAL_H

#include "store/step.h"

// Views that live as long as the answer.
struct store_approval_seen {
    struct str problem;    // of a CONFLICT: decided or approval_closed
    struct str persona_id; // of the agent that asks
    struct step_row step;
};

// WRITTEN; OK: the same person had decided the same; MISFIT: there is no such option; CONFLICT. `note` may be NULL.
MUST_USE struct store_answer store_approval_decide(struct pg *pg, const struct caller *caller, const char *session,
                                                   const char *step, const char *option, const char *note,
                                                   struct store_approval_seen *out);

// The session as it is after one of its questions has come or gone, for notify_session_progress() and
// notify_session_changed(): the statement that writes a step does not see it yet. OK, NOT_FOUND.
MUST_USE struct store_answer store_approval_session(struct pg *pg, const char *session, struct notify_session *out);

#endif
