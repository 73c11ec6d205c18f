// SPDX-License-Identifier: Apache-2.0
// prompt: everything that the model is told, and its wording. Pure. What people or tools wrote is labelled with its
// origin, so that none of it can pass for an instruction of the system.
#ifndef AGENT_PROMPT_H
#define AGENT_PROMPT_H

#include <jansson.h>

#include "base/buf.h"
#include "base/must.h"

// Returns the system message; like all of these, a new reference. `session` is the API's object, `instructions` the
// operator's text or "".
json_t *prompt_system(const json_t *session, const char *instructions) MUST_USE;
// Returns a message of the conversation: the persona's own as the assistant's, anybody else's as "Name: text". `change`
// is NULL, "new", "edited" or "deleted".
json_t *prompt_message(const json_t *message, const char *persona_id, const char *change) MUST_USE;
// Returns a remark of our own for the conversation.
json_t *prompt_note(const char *text) MUST_USE;
// Returns what the model itself said, with its tool calls as the API has them.
json_t *prompt_assistant(const char *content, json_t *tool_calls) MUST_USE;
// Returns a tool's output, marked as data.
json_t *prompt_tool_output(const char *call_id, const char *tool, const char *output) MUST_USE;

// Returns one entry of a `context_received` step: at most 300 characters of text, with keys masked.
json_t *prompt_context_entry(const json_t *message, const char *trigger_id, const char *change) MUST_USE;

extern const char prompt_draft_overtaken[];
extern const char prompt_earlier_messages[];

#endif
