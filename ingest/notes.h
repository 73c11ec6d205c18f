// SPDX-License-Identifier: Apache-2.0
// What one span of a request says about others of it, kept until the request is done: a hash table of small facts by
// trace and id. It is bounded; facts beyond the bound are forgotten, which costs a step its place, never the step.
#ifndef INGEST_NOTES_H
#define INGEST_NOTES_H

#include <stdbool.h>
#include "ingest/arena.h"

enum note {
    NOTE_HIDDEN,  // a span without a step; the value is its parent, empty at the top
    NOTE_ALIAS,   // the value is the id under which the span has its step
    NOTE_AI,      // the trace is one of an AI
    NOTE_COUNTED, // calls of models in this trace say their own usage
    NOTE_PARENT,  // the value is the parent of a span that has a step
    NOTE_OUTER,   // below the span stands a call of a model that says its usage
    NOTE_TRACE    // the value is the trace of a span, whose clients do not name it again; of no trace
};

enum { NOTES_MAX = 65536 };

// Embedded; all zero is empty.
struct notes {
    struct arena arena;
    struct noted **slots;
    size_t n;
};

void notes_fini(struct notes *notes);

// A second note of the same kind about the same thing replaces the first.
void notes_set(struct notes *notes, enum note note, struct str trace, struct str id, struct str value);

// The value, or STR_NONE. A value that was noted without a text is empty, not STR_NONE.
struct str notes_get(const struct notes *notes, enum note note, struct str trace, struct str id);

#endif
