// SPDX-License-Identifier: Apache-2.0
// Memory that is given back all at once: what a request's steps consist of lives until they were handed over. Not for
// what grows; build that in a buf and keep the result here.
#ifndef INGEST_ARENA_H
#define INGEST_ARENA_H

#include "base/buf.h"

struct arena_chunk;

// Embedded in its owner. All zero is an empty arena.
struct arena {
    struct arena_chunk *last;
    size_t bytes; // handed out since the last clear
};

void arena_clear(struct arena *a);

// `n` bytes, zeroed and aligned for any type.
void *arena_zero(struct arena *a, size_t n);

// A copy with a NUL behind it. STR_NONE stays STR_NONE.
struct str arena_str(struct arena *a, struct str text);

#endif
