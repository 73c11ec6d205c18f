/*
 * The writes that wait: admitted within the bounds, in order, until the lane finishes or drops them. All with the lock.
 *
 * What gives way first: live text (at half of the bytes, or as soon as a write needs the room), then new starts,
 * records and sessions (at three quarters), then completions and messages (at the bound). An ending is always taken.
 */
#ifndef EMITTER_EMIT_QUEUE_H
#define EMITTER_EMIT_QUEUE_H

#include "emitter/emit_core.h"

/* A write of this kind with its path ("%s" arguments are ids, and safe in a path). One reference: the caller's. */
struct emit_op *emit_queue_op(enum emit_op_kind kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
void emit_queue_op_unref(struct emit_op *op);

/* Whether n more bytes of live text fit; counts them if so. */
TRACE_MUST_USE bool emit_queue_take_text(struct trace_emitter *emitter, size_t n);

/*
 * Takes op into the session's queue and waits for its end as the configuration says: the result of the call. Lets go
 * of the lock while it waits. Takes the caller's reference, also when it answers TRACE_FULL.
 */
TRACE_MUST_USE enum trace_result emit_queue_put(struct trace_session *session, struct emit_op *op);

/* The oldest write is done with this result, and whoever waits for it learns it. */
void emit_queue_finish(struct trace_session *session, enum trace_result result);

/* Whether the server is known to be away, so that waiting for it is of no use. */
TRACE_MUST_USE bool emit_queue_away(const struct trace_emitter *emitter, int64_t now);

#endif
