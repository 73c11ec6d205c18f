// SPDX-License-Identifier: Apache-2.0
// Steps that are put together, printed for PostgreSQL (migrations/functions/put.sql), which writes new ones at once.
// What in the list must come after that, one by one, is marked here, where it costs one look at each: an id that
// occurred before, and steps of the list that stand above themselves.
#ifndef STORE_PUT_LIST_H
#define STORE_PUT_LIST_H

#include "store/step.h"

// What a client says about a step that it puts: `of` is all of it.
struct store_put_step {
    struct store_step_input of;
    bool ends;
};

// Appends the list, in the order of `steps`.
void store_put_list_print(struct buf *out, const struct store_put_step steps[], int n);

#endif
