// SPDX-License-Identifier: Apache-2.0
// Catching up after an outage: when many steps of a session wait, they go as lines of one request, in their order. The
// server takes all of a batch or nothing, so a refused one says little: its writes are then sent one by one, and each
// gets its own answer.
#ifndef EMITTER_EMIT_BATCH_H
#define EMITTER_EMIT_BATCH_H

#include "emitter/emit_core.h"

// Prints the writes at the head of the queue that go as one batch, and returns how many; 0 if they should go one by
// one.
size_t emit_batch_print(struct trace_session *session, struct emit_buf *body);

#endif
