// SPDX-License-Identifier: Apache-2.0
// parts: reads the members of a model's message, whose forms differ from server to server: content as a string or as
// parts, thinking under several names, sources as citations or annotations. Pure.
#ifndef AGENT_MODEL_PARTS_H
#define AGENT_MODEL_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

// `content` is a string or an array of parts; text, thinking and refusals are appended, in order. Parts that are more
// than text are kept in `*kept`, and what annotates them in `*annotations`, arrays that are made when they are needed.
void parts_read(const json_t *content, struct buf *text, struct buf *thought, struct buf *refusal, json_t **kept,
                json_t **annotations);
// Appends the thinking that stands beside the content, once, whatever names it has.
void parts_reasoning(const json_t *message, struct buf *thought);
// Adds the sources that a message's annotations, or the citations and search results of a document or message, name.
void parts_annotations(const json_t *annotations, json_t **sources);
void parts_citations(const json_t *object, json_t **sources);
// Merges the members that we do not know into `*extra`: strings are joined, lists continued, the rest replaced. What
// `may_repeat` replaces what it begins with.
void parts_keep(const json_t *message, bool may_repeat, json_t **extra);

#endif
