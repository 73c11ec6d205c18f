// SPDX-License-Identifier: Apache-2.0
// The writes that wait: admitted within the bounds and kept in order until the lane finishes or drops them. Everything
// here needs the lock.
//
// At the bounds live text gives way first (at half of the bytes, or as soon as a write needs the room), then new
// starts, records and sessions (at three quarters), then completions and messages (at the bound). An ending is always
// taken.
#ifndef EMITTER_EMIT_QUEUE_H
#define EMITTER_EMIT_QUEUE_H

#include "emitter/emit_core.h"

// A write of this kind with its path ("%s" arguments are ids, and safe in a path). One reference: the caller's.
struct emit_op *emit_queue_op(enum emit_op_kind kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
void emit_queue_op_unref(struct emit_op *op);

// Returns whether n more bytes of live text fit, and counts them if so.
TRACE_MUST_USE bool emit_queue_take_text(struct trace_emitter *emitter, size_t n);

// Takes op into the session's queue and waits for its end as the configuration says: the result of the call. Lets go
// of the lock while it waits. Takes the caller's reference, also when it answers TRACE_FULL.
TRACE_MUST_USE enum trace_result emit_queue_put(struct trace_session *session, struct emit_op *op);

// Lets go of the lock until something has changed, or that time has come.
void emit_queue_wait(struct trace_emitter *emitter, int64_t until);

// Finishes the oldest write with this result, and tells a caller that waits for it.
void emit_queue_finish(struct trace_session *session, enum trace_result result);

// True if the server is known to be away, so that waiting for it is of no use.
TRACE_MUST_USE bool emit_queue_away(const struct trace_emitter *emitter, int64_t now);

#endif
