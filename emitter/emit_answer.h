/* What the server answered, read by jansson: problems, sessions, messages. An answer of another shape reads as absent.
 */
#ifndef EMITTER_EMIT_ANSWER_H
#define EMITTER_EMIT_ANSWER_H

#include "emitter/agenttrace.h"

/*
 * A problem (RFC 9457) into *out. session_ended has the session's status as detail. Without a readable body only the
 * status is known.
 */
void emit_answer_problem(const struct trace_reply *reply, struct trace_error *out);

/* {session}: its object as JSON, to be freed, or NULL; its stream's id into stream_id, "" if it has none. */
char *emit_answer_session(const struct trace_reply *reply, char stream_id[TRACE_ID_SIZE]);

/* {message}: its id, "" if there is none. */
void emit_answer_message(const struct trace_reply *reply, char id[TRACE_ID_SIZE]);

#endif
