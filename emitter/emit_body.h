// SPDX-License-Identifier: Apache-2.0
// The JSON bodies of what is recorded, printed from the caller's structures as soon as the call is made. Pure.
//
// Each returns 0, or -1 if the arguments break a rule of agenttrace.h; the buffer is then of no use.
#ifndef EMITTER_EMIT_BODY_H
#define EMITTER_EMIT_BODY_H

#include <stdint.h>

#include "emitter/agenttrace.h"
#include "emitter/emit_buf.h"

TRACE_MUST_USE int emit_body_create(struct emit_buf *b, const struct trace_session_spec *spec, const char *id);
TRACE_MUST_USE int emit_body_claim(struct emit_buf *b, const char *worker_id);

// What a step's completion may carry beside the outcome: the text streamed so far (NULL or empty for none), and the
// number of sources that were left out.
struct emit_closing {
    const struct emit_buf *streamed;
    size_t sources_dropped;
};

// A message that is only known by its client_message_id is left out: emit_body_refer() adds it when it is known.
TRACE_MUST_USE int emit_body_start(struct emit_buf *b, const struct trace_step_spec *spec, const char *id,
                                   const char *parent_id);
TRACE_MUST_USE int emit_body_complete(struct emit_buf *b, const struct trace_outcome *outcome,
                                      struct emit_closing *closing);
TRACE_MUST_USE int emit_body_record(struct emit_buf *b, const struct trace_step_spec *spec, const char *id,
                                    const char *parent_id, const struct trace_outcome *outcome,
                                    struct emit_closing *closing);
TRACE_MUST_USE int emit_body_post(struct emit_buf *b, const struct trace_message_spec *spec, const char *session_id,
                                  const char *client_message_id, struct emit_closing *closing);
TRACE_MUST_USE int emit_body_finish(struct emit_buf *b, const char *response_message_id, int64_t seen_seq);
TRACE_MUST_USE int emit_body_fail(struct emit_buf *b, const char *code, const char *message);

// Adds the member name with a message's id to an object that is already closed.
void emit_body_refer(struct emit_buf *b, const char *name, const char *message_id);

#endif
