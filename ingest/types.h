// SPDX-License-Identifier: Apache-2.0
// What a span is in our words: its class decides what is kept of it, its type is the step's.
#ifndef INGEST_TYPES_H
#define INGEST_TYPES_H

#include "ingest/span.h"

enum step_class {
    CLASS_OTHER, // nothing we know: kept with input and output under its own word
    CLASS_MODEL, // a call of a model: the leaves that usage is counted from
    CLASS_TOOL,
    CLASS_RETRIEVAL,
    CLASS_EMBEDDING,
    CLASS_AGENT,
    CLASS_GROUP, // plumbing around others: without content
    CLASS_APPROVAL,
    CLASS_HIDDEN, // plumbing without a meaning of its own: no step, its children move up
};

struct step_type {
    enum step_class class;
    struct str type; // lower-case letters, digits and underscores
    struct str kind; // the client's word, or STR_NONE
};

// The texts live as long as the span, or for ever; `own` is room for a type made of the client's word.
struct step_type types_of(struct span *s, char own[static 65]);

// Spans of HTTP, database, DNS and file instrumentations around the agent.
bool types_is_foreign(struct span *s);

// True if the span itself says that an AI is at work: it makes a session of its trace.
bool types_is_ai(const struct span *s);

#endif
