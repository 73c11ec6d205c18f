// SPDX-License-Identifier: Apache-2.0
#include "ingest/arena.h"

#include <stdalign.h>
#include <stdlib.h>

enum { CHUNK_SIZE = 64 * 1024 };

struct arena_chunk {
    struct arena_chunk *before;
    size_t used;
    size_t size;
    alignas(max_align_t) char bytes[];
};

static struct arena_chunk *chunk_for(struct arena *a, size_t n)
{
    if (a->last && a->last->size - a->last->used >= n)
        return a->last;
    size_t size = n > CHUNK_SIZE ? n : CHUNK_SIZE;
    struct arena_chunk *chunk = mem_alloc(sizeof *chunk + size);
    chunk->used = 0;
    chunk->size = size;
    // A large value has a chunk of its own, below the one that still has room.
    if (n > CHUNK_SIZE / 4 && a->last) {
        chunk->before = a->last->before;
        a->last->before = chunk;
        return chunk;
    }
    chunk->before = a->last;
    a->last = chunk;
    return chunk;
}

void *arena_zero(struct arena *a, size_t n)
{
    size_t aligned = (n + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    struct arena_chunk *chunk = chunk_for(a, aligned);
    void *p = chunk->bytes + chunk->used;
    chunk->used += aligned;
    a->bytes += aligned;
    memset(p, 0, aligned);
    return p;
}

struct str arena_str(struct arena *a, struct str text)
{
    if (!text.p)
        return STR_NONE;
    char *copy = arena_zero(a, text.n + 1);
    if (text.n)
        memcpy(copy, text.p, text.n);
    return (struct str){copy, text.n};
}

void arena_clear(struct arena *a)
{
    while (a->last) {
        struct arena_chunk *chunk = a->last;
        a->last = chunk->before;
        free(chunk);
    }
    a->bytes = 0;
}
