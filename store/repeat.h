// SPDX-License-Identifier: Apache-2.0
// A write of a step that is there already: a repeat, or another write whose words would be lost
// (migrations/functions/repeats.sql). For callers who were let in by the write that found the step; batches are
// compared by the statement of store/batch.h.
#ifndef STORE_REPEAT_H
#define STORE_REPEAT_H

#include "store/answer.h"
#include "store/step.h"

struct store_repeat {
    bool has_ended; // the step
    bool differs;   // store_repeat_print_fields() says in what
};

// OK, or NOT_FOUND if the step is no longer there. `is_start`: the input only starts the step.
MUST_USE struct store_answer store_repeat_compare(struct pg *pg, const char *session, const struct store_step_input *in,
                                                  bool is_start, struct store_repeat *out);

// Appends the member "fields": the names of those that differ.
void store_repeat_print_fields(const struct store_answer *answer, struct buf *out);

#endif
