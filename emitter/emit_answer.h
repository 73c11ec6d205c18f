// SPDX-License-Identifier: Apache-2.0
// Reads the server's answers with jansson: problems, sessions, messages. An answer of another shape counts as absent.
#ifndef EMITTER_EMIT_ANSWER_H
#define EMITTER_EMIT_ANSWER_H

#include "emitter/agenttrace.h"

// Reads a problem (RFC 9457) into *out. For session_ended the detail is the session's status. Without a readable body
// only the status is known.
void emit_answer_problem(const struct trace_reply *reply, struct trace_error *out);

// Reads {session}: returns its object as JSON, to be freed, or NULL, and writes its stream's id to stream_id, "" if it
// has none.
char *emit_answer_session(const struct trace_reply *reply, char stream_id[TRACE_ID_SIZE]);

// Reads {message}: its id, "" if there is none.
void emit_answer_message(const struct trace_reply *reply, char id[TRACE_ID_SIZE]);

// Reads {step} of a question: its decision into *out. Returns its status: "running" while it waits; "" if the answer is
// none.
const char *emit_answer_decision(const char *json, size_t n, char status[16], struct trace_decision *out);

#endif
