// SPDX-License-Identifier: Apache-2.0
// What each kind of write does to its session and step once it was accepted or given up. With the lock.
#ifndef EMITTER_EMIT_OPS_H
#define EMITTER_EMIT_OPS_H

#include "emitter/emit_core.h"

// The name for log lines, such as "start of a step".
const char *emit_ops_name(enum emit_op_kind kind);

// True for the writes that can be put: what is said of steps.
bool emit_ops_is_step(const struct emit_op *op);

// Appends the write of a step as an object: as it is sent singly, or as a line of a batch with its "op"; and either as
// the call that it is or as a put, which says the whole.
enum emit_form { EMIT_FORM_LINE = 1, EMIT_FORM_PUT = 2 };
void emit_ops_print(struct trace_session *session, struct emit_op *op, unsigned form, struct emit_buf *body);

// The server has accepted the write.
void emit_ops_accepted(struct trace_session *session, struct emit_op *op, const struct trace_reply *reply, int64_t now);

// The write will not be recorded: it was refused, or not delivered in time.
void emit_ops_dropped(struct trace_session *session, struct emit_op *op);

// Puts the id of the message that the write names into its body; a message that was not posted is left out.
void emit_ops_refer(struct trace_session *session, struct emit_op *op);

// The id of a message posted by this session under client_message_id, or NULL.
const char *emit_ops_posted(const struct trace_session *session, const char *client_message_id);

#endif
