// SPDX-License-Identifier: Apache-2.0
// record: writes the agent's steps: it calls the emitter with content as JSON, masks keys on the way, and logs and
// drops what could not be recorded. A failure to record never fails the work; ask the session whether it has ended.
#ifndef AGENT_RECORD_H
#define AGENT_RECORD_H

#include <jansson.h>

#include "agent/model/reply.h"
#include "emitter/agenttrace.h"
#include "base/must.h"

// The end of a step; everything may be left out.
struct record_outcome {
    json_t *content;  // object …
    const char *text; // … or text, already masked
    json_t *sources;  // an array, as REST takes it
    const char *message_id;
    const struct reply *usage; // of this call of the model
    const char *error_code;
    const char *error_sentence;
};

// Returns NULL if the step could not even be queued; the other functions accept that. `content` may be NULL.
struct trace_step *record_start(struct trace_session *session, const struct trace_step *parent, const char *type,
                                json_t *content) MUST_USE;
// Ends the step and frees it.
void record_end(struct trace_step *step, const struct record_outcome *outcome);
// Records a whole step at once.
void record_whole(struct trace_session *session, const struct trace_step *parent, const char *type, json_t *content);

// Returns sources for the emitter: they point into `masked`, a new reference that must live as long. The caller frees
// the array.
struct trace_source *record_sources(json_t *sources, json_t **masked, size_t *count) MUST_USE;

#endif
