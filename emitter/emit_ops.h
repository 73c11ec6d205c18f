/* What each kind of write does to its session and step when it was accepted, or given up. With the lock. */
#ifndef EMITTER_EMIT_OPS_H
#define EMITTER_EMIT_OPS_H

#include "emitter/emit_core.h"

/* For log lines: "start of a step". */
const char *emit_ops_name(enum emit_op_kind kind);

/* The server has it. */
void emit_ops_accepted(struct trace_session *session, struct emit_op *op, const struct trace_reply *reply, int64_t now);

/* It will not be recorded: refused, or not delivered in time. */
void emit_ops_dropped(struct trace_session *session, struct emit_op *op);

/* Puts the id of the message that it names into its body; a message that was not posted is left out. */
void emit_ops_refer(struct trace_session *session, struct emit_op *op);

/* The id of a message posted by this session under client_message_id, or NULL. */
const char *emit_ops_posted(const struct trace_session *session, const char *client_message_id);

#endif
