// SPDX-License-Identifier: Apache-2.0
#include "sse/ring.h"

#include <assert.h>
#include <stdlib.h>

enum { RING_LEAST = 8 };

void ring_init(struct ring *ring, uint32_t most, size_t bytes_max)
{
    *ring = (struct ring){.most = most < RING_LEAST ? RING_LEAST : most, .bytes_max = bytes_max};
}

static void drop_first(struct ring *ring)
{
    struct entry *e = &ring->at[ring->first++ & (ring->cap - 1)];
    ring->bytes -= e->frame->n;
    frame_unref(e->frame);
    step_unref(e->step);
}

void ring_clear(struct ring *ring)
{
    while (ring->first != ring->end)
        drop_first(ring);
    free(ring->at);
    ring->at = NULL;
    ring->cap = 0;
}

bool ring_shorten(struct ring *ring, size_t least)
{
    if (ring->end - ring->first <= least)
        return false;
    drop_first(ring);
    return true;
}

static void grow(struct ring *ring)
{
    size_t cap = ring->cap ? ring->cap * 2 : RING_LEAST;
    struct entry *at = mem_alloc(cap * sizeof *at);
    for (uint64_t p = ring->first; p != ring->end; p++)
        at[p & (cap - 1)] = *ring_at(ring, p);
    free(ring->at);
    ring->at = at;
    ring->cap = cap;
}

uint64_t ring_push(struct ring *ring, const struct entry *entry)
{
    while (ring->first != ring->end &&
           (ring->end - ring->first >= ring->most || ring->bytes + entry->frame->n > ring->bytes_max))
        drop_first(ring);
    if (ring->end - ring->first == ring->cap)
        grow(ring);
    ring->at[ring->end & (ring->cap - 1)] = *entry;
    ring->bytes += entry->frame->n;
    return ring->end++;
}

uint64_t ring_above(const struct ring *ring, int64_t number)
{
    uint64_t low = ring->first, high = ring->end;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (ring_at(ring, middle)->number > number)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
