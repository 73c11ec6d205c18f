/*
 * What a session sends next. All but the printing with the lock; no descriptor, no
 * thread: the sending thread (emit_sender) begins what emit_lane_next() has prepared and hands the answer to
 * emit_reply_take().
 *
 * Order: writes first, then a heartbeat that is due, then progress. After a failure everything waits for retry_at.
 */
#ifndef EMITTER_EMIT_LANE_H
#define EMITTER_EMIT_LANE_H

#include "emitter/emit_core.h"

/* Prepares session->call if something is to be sent now (true); else lowers *due to when that may be. */
TRACE_MUST_USE bool emit_lane_next(struct trace_session *session, int64_t now, int64_t *due);

/* Prints the body of a call that was prepared, without the lock: nobody else looks at it until it is done. */
void emit_lane_print(struct emit_call *call);

/* The session is over for us: its status is told unless our own call brings it, queued writes are dropped. */
void emit_lane_end(struct trace_session *session, const char *status);

/* Marks it over without touching the queue: what is queued may have been written before the end, and is tried. */
void emit_lane_note_ended(struct trace_session *session, const char *status);

/* Nothing waits, nothing is under way (heartbeats aside), all text was shown. */
TRACE_MUST_USE bool emit_lane_idle(const struct trace_session *session);

#endif
