// SPDX-License-Identifier: Apache-2.0
// Applies the answer to a session's call: to the write, batch, heartbeat or progress that it was for, to the session,
// and to what is known about the server. With the lock.
#ifndef EMITTER_EMIT_REPLY_H
#define EMITTER_EMIT_REPLY_H

#include "emitter/emit_core.h"

// Takes the answer to session->call, which is free again.
void emit_reply_take(struct trace_session *session, const struct trace_reply *reply, int64_t now);

#endif
