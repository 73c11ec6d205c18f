// SPDX-License-Identifier: Apache-2.0
// The sending thread: begins what the lanes and watches have prepared, waits for the transport, tells the notices.
#ifndef EMITTER_EMIT_SENDER_H
#define EMITTER_EMIT_SENDER_H

#include "emitter/emit_core.h"

// Starts the thread; 0 or -1. Without the lock.
TRACE_MUST_USE int emit_sender_start(struct trace_emitter *emitter);

// Ends it: emitter->closing is set, and the lock not held. Requests under way are given up, queued writes dropped.
void emit_sender_stop(struct trace_emitter *emitter);

#endif
