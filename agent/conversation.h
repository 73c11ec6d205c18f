// SPDX-License-Identifier: Apache-2.0
// conversation: the agent's view of the stream it works in: the messages up to a number of the timeline, and the
// changes since it last looked. Pure: it is fed with the API's JSON, from the subscription and from lists. It applies
// an event only if it is the next one; it ignores a known event, and one beyond a gap, which a list will bring again.
#ifndef AGENT_CONVERSATION_H
#define AGENT_CONVERSATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"

struct conversation;

struct conversation *conversation_new(const char *persona_id);
void conversation_free(struct conversation *conversation);

// Takes the answer of …/bootstrap. The messages in it count as known, not as changes.
void conversation_load(struct conversation *conversation, const json_t *bootstrap);
// Takes one timeline event, from the subscription or from a list.
void conversation_take_event(struct conversation *conversation, const json_t *event);

// Returns all messages in the order of the timeline: an array, a new reference.
json_t *conversation_messages(const struct conversation *conversation) MUST_USE;
// Returns what others have changed since the last call: an array of {change: new|edited|deleted, message}, a new
// reference, empty if nothing changed. `by_people` tells whether a person made one of the changes.
json_t *conversation_take_changes(struct conversation *conversation, bool *by_people) MUST_USE;
// True if conversation_take_changes() would return something that a person wrote.
bool conversation_has_news(const struct conversation *conversation);

// The number of the newest event known.
int64_t conversation_seq(const struct conversation *conversation);

#endif
