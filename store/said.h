// SPDX-License-Identifier: Apache-2.0
// What a client says of a step, printed for statements that take steps as rows: members of an object that PostgreSQL
// reads as the type step_said (migrations/0014_intake.sql), which says what each of them means.
#ifndef STORE_SAID_H
#define STORE_SAID_H

#include "base/buf.h"
#include "store/step.h"

// Appends the members to an object that is open. `start` is what begins the step and `end` what ends it or records it
// whole, whose words replace those of the start; they may be the same, and then there is one content.
void store_said_print(struct buf *out, const struct store_step_input *start, const struct store_step_input *end);

#endif
