// SPDX-License-Identifier: Apache-2.0
// Notices within a moment that a session has ended, by a subscription (SSE) to its room for as long as it runs.
//
// It never decides: every event that sounds like an end, and every new subscription, brings the next heartbeat forward,
// whose answer is the truth. So nothing is lost if the stream is, and only the events' names need to be read.
#ifndef EMITTER_EMIT_WATCH_H
#define EMITTER_EMIT_WATCH_H

#include "emitter/emit_core.h"

// True if the session should be subscribed; a watch that is open and not wanted is to be abandoned.
TRACE_MUST_USE bool emit_watch_wanted(const struct trace_session *session);

// Prepares watch->request if it is to be opened now, and returns true; else lowers *due.
TRACE_MUST_USE bool emit_watch_next(struct trace_session *session, int64_t now, int64_t *due);

// Takes bytes of the stream; returns true if the heartbeat was brought forward.
TRACE_MUST_USE bool emit_watch_data(struct trace_session *session, const char *bytes, size_t n, int64_t now);

// The stream has ended, or could not be opened.
void emit_watch_done(struct trace_session *session, const struct trace_reply *reply, int64_t now);

#endif
