// SPDX-License-Identifier: Apache-2.0
// Many steps in one transaction: the session is locked, and then one statement writes those that do not exist yet and
// numbers the events in the order of the lines.
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "store/notify.h"
#include "store/step_json.h"
#include "store/step.h"

// What the lines of a batch say about one step. Line numbers count from 1; 0: no such line.
struct store_batch_step {
    struct store_step_input start; // of the line that starts it or records it whole: id, type, name, parent
    struct store_step_input end;   // of the line that completes it, or records it whole: everything else
    int64_t start_line, end_line;  // `end_line` is that of "complete"
    bool is_whole;
    bool parent_is_here; // an earlier line starts its parent
};

// Views that live as long as the answer.
struct store_batch_seen {
    struct str session_status; // of a CONFLICT
    int64_t lost_line;         // of a MISFIT: the first line that names an unknown step or parent; 0: none
    int64_t misfit_line;       // of a MISFIT: the first that completes a step whose type is among the misfits; 0: none
    // Of a CONFLICT: the first line that repeats a step with other values (store_batch_print_fields() says which of
    // them); 0: none.
    int64_t conflict_line;
    bool is_for_put;               // of a CONFLICT: a line ends a step that is open and that must be filled
    struct notify_session session; // for notify_session_progress()
};

// OK, MISFIT, CONFLICT.
MUST_USE struct store_answer store_batch_write(struct pg *pg, const struct caller *caller, const char *session,
                                               const struct store_batch_step *steps, int n,
                                               struct store_batch_seen *out);

// Appends the member "fields" of the line in conflict.
void store_batch_print_fields(const struct store_answer *answer, struct buf *out);

// The i-th step that was asked for, and the numbers of its events that were written now: 0 if there was nothing to
// write.
struct store_batch_written {
    struct step_row step;
    int64_t start_seq, end_seq;
};
void store_batch_read(const struct store_answer *answer, int i, struct store_batch_written *written);

#endif
