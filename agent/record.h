/*
 * record: how the agent writes its steps: the emitter's calls, with content as JSON, keys masked on the way, and what
 * could not be recorded logged and forgotten. Recording never fails the work; that the session has ended is noticed by
 * asking the session.
 */
#ifndef AGENT_RECORD_H
#define AGENT_RECORD_H

#include <jansson.h>

#include "agent/chunk.h"
#include "emitter/agenttrace.h"

/* What a step ends with; everything may be left out. */
struct record_outcome {
    json_t *content;  /* object … */
    const char *text; /* … or text, already masked */
    json_t *sources;  /* an array, as REST takes it */
    const char *message_id;
    const struct chunk_answer *usage; /* of this call of the model */
    const char *error_code;
    const char *error_sentence;
};

/* NULL if it could not even be queued: the other functions take that for nothing. `content` may be NULL. */
struct trace_step *record_start(struct trace_session *session, const struct trace_step *parent, const char *type,
                                json_t *content) MUST_USE;
/* Ends the step and frees it. */
void record_end(struct trace_step *step, const struct record_outcome *outcome);
/* A whole step at once. */
void record_whole(struct trace_session *session, const struct trace_step *parent, const char *type, json_t *content);

/* Sources for the emitter: pointers into `masked`, a new reference that must live as long. The caller frees the array.
 */
struct trace_source *record_sources(json_t *sources, json_t **masked, size_t *count) MUST_USE;

#endif
