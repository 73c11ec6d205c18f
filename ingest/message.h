// SPDX-License-Identifier: Apache-2.0
// What people read of a model's messages, in whichever of the ten shapes a client serialises them: LangChain's
// constructors and generations, OpenAI's choices, Anthropic's and Gemini's parts, the semantic conventions' parts, the
// AI SDK's, plain texts. The shapes nest in each other, so one walk knows all their keys.
#ifndef INGEST_MESSAGE_H
#define INGEST_MESSAGE_H

#include "ingest/span.h"

// Zero-initialised; owns its buffers.
struct message {
    struct buf reasoning;
    struct buf text;
    struct buf tools; // names of the tools called, with ", " between
};

void message_fini(struct message *m);

// Adds what `value`, an answer of a model or of an agent, holds. Of a list of messages it is the last.
void message_read(struct message *m, struct span *s, struct json_object *value);
// Adds the names out of a list of tool calls.
void message_read_tools(struct message *m, struct json_object *calls);

// Reasoning, then text, then "→ tools", with empty lines between.
void message_print(struct buf *out, const struct message *m);

// Appends the text of the first message that a person wrote, at most `most` bytes of it.
void message_question(struct buf *out, struct span *s, struct json_object *value, size_t most);

#endif
