// SPDX-License-Identifier: Apache-2.0
// Decides what a session sends next. Everything here except the printing needs the lock. It has no descriptor and no
// thread: the sending thread (emit_sender) begins what emit_lane_next() has prepared and hands the answer to
// emit_reply_take().
//
// Order: writes first, then a heartbeat that is due, then progress; before a write is tried again a
// heartbeat that is due. After a failure everything waits for retry_at_ms.
#ifndef EMITTER_EMIT_LANE_H
#define EMITTER_EMIT_LANE_H

#include "emitter/emit_core.h"

// Prepares session->call if something is to be sent now, and returns true; else lowers *due to when that may be.
TRACE_MUST_USE bool emit_lane_next(struct trace_session *session, int64_t now, int64_t *due);

// Prints the body of a prepared call, without the lock: nobody else looks at it until it is done.
void emit_lane_print(struct emit_call *call);

// Ends the session on our side: its status is told unless our own call brings it, and queued writes are dropped.
void emit_lane_end(struct trace_session *session, const char *status);

// Marks the session as over without touching the queue: queued writes may be older than the end, and are tried.
void emit_lane_note_ended(struct trace_session *session, const char *status);

// Somebody has ended the session, which this program hears only now. What waits began before, or hardly after: it is
// put, and finds its place or is refused by itself.
void emit_lane_hear_ended(struct trace_session *session, const char *status);

// True if nothing waits, nothing is under way (except heartbeats), and all text was shown.
TRACE_MUST_USE bool emit_lane_idle(const struct trace_session *session);

#endif
