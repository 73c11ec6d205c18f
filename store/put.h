// SPDX-License-Identifier: Apache-2.0
// Putting steps: upserts by id, in any state of the step and in some of an ended session
// (migrations/functions/put.sql). First writes, where the first wins, are store/step.h.
#ifndef STORE_PUT_H
#define STORE_PUT_H

#include "store/notify.h"
#include "store/put_list.h"

// Views that live as long as the answer.
struct store_put_seen {
    struct str session_status;
    struct str problem;            // of a CONFLICT: session_pruned; otherwise the status says enough
    struct str field;              // of a MISFIT
    int64_t place;                 // of a refusal: the step that is refused
    bool has_reopened;             // the session runs again, and `reopened` is to be told
    bool has_grown;                // the session stays ended, and `reopened` is for notify_session_changed()
    struct notify_session session; // for notify_session_progress()
    struct notify_session reopened;
};

// All of them or none. WRITTEN or OK (what the first step was: made, or there before), MISFIT, CONFLICT.
MUST_USE struct store_answer store_put_write(struct pg *pg, const struct caller *caller, const char *session,
                                             const struct store_put_step steps[], int n, struct store_put_seen *out);

struct store_put_written {
    struct step_row step;
    int64_t seq; // of its event; 0: nothing has changed
};
// Of the i-th step that was put.
void store_put_read(const struct store_answer *answer, int i, struct store_put_written *written);

// Appends the members "changed" and "ignored" of the i-th: lists of the fields' names.
void store_put_print_fields(const struct store_answer *answer, int i, struct buf *out);

#endif
