/*
 * conversation: what the agent knows of the stream it works in: the messages up to a number of the timeline, and what
 * has changed since it last looked. Pure: it is fed with the API's JSON, events from the subscription and from lists.
 * An event is applied if it is the next one; one known is ignored, and so is one beyond a hole: a list brings it again.
 */
#ifndef AGENT_CONVERSATION_H
#define AGENT_CONVERSATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/text.h"

struct conversation;

struct conversation *conversation_new(const char *persona_id);
void conversation_free(struct conversation *conversation);

/* The answer of …/bootstrap. Its messages are known, not changes. */
void conversation_load(struct conversation *conversation, const json_t *bootstrap);
/* One timeline event, from the subscription or from a list. */
void conversation_take_event(struct conversation *conversation, const json_t *event);

/* All messages that are there, in the order of the timeline: an array, a new reference. */
json_t *conversation_messages(const struct conversation *conversation) MUST_USE;
/*
 * What others changed since the last call: an array of {change: new|edited|deleted, message}, a new reference; empty if
 * nothing did. `by_people` tells whether a person was among them.
 */
json_t *conversation_take_changes(struct conversation *conversation, bool *by_people) MUST_USE;
/* True if take_changes would return something that a person wrote. */
bool conversation_has_news(const struct conversation *conversation);

/* The number of the newest event known. */
int64_t conversation_seq(const struct conversation *conversation);

#endif
