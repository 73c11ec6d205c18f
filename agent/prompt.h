/*
 * prompt: everything the model is told, and the wording of it. Pure. Whatever people or tools wrote is labelled with
 * where it came from, so that none of it can pass for an instruction of the system.
 */
#ifndef AGENT_PROMPT_H
#define AGENT_PROMPT_H

#include <jansson.h>

#include "agent/text.h"

/* The system message: a new reference, as all of these. `session` is the API's. */
json_t *prompt_system(const json_t *session) MUST_USE;
/* A message of the conversation: the persona's own as the assistant's, another's as "Name: text". `change`: NULL,
 * "new", "edited", "deleted". */
json_t *prompt_message(const json_t *message, const char *persona_id, const char *change) MUST_USE;
/* A remark of ours in the conversation. */
json_t *prompt_note(const char *text) MUST_USE;
/* What the model itself said, with the tools it called: call_count pairs of id, name and arguments. */
json_t *prompt_assistant(const char *content, json_t *tool_calls) MUST_USE;
/* A tool's output, marked as data. */
json_t *prompt_tool_output(const char *call_id, const char *tool, const char *output) MUST_USE;

/* One entry of a `context_received` step: at most 300 characters of text, keys masked. */
json_t *prompt_context_entry(const json_t *message, const char *trigger_id, const char *change) MUST_USE;

extern const char prompt_draft_overtaken[];
extern const char prompt_earlier_messages[];

#endif
