// SPDX-License-Identifier: Apache-2.0
// What happened in a room lately, in the order in which its subscribers receive it: numbered events and, between them,
// ephemeral ones and pieces of text. Each subscriber holds a place in it, so nothing is queued per connection.
//
//     first <= place < end;   numbers never fall along the ring, and grow by one from each numbered entry to the next
//
// The ring is bounded by entries and by bytes, and the oldest entries give way. A subscriber who stood there goes on by
// number (sse/feed.h).
#ifndef SSE_RING_H
#define SSE_RING_H

#include <stdbool.h>
#include <stdint.h>
#include "sse/frame.h"
#include "sse/step.h"

struct entry {
    int64_t number; // of the event itself if numbered, else of the last one before it
    bool numbered;
    struct frame *frame;
    // For text alone: whose it is, and where in the step's text this piece begins (0 for a whole content).
    struct step *step;
    uint32_t generation;
    size_t from;
    int64_t offset;
};

struct ring {
    struct entry *at; // place p is at[p & (cap - 1)]; cap is a power of two, or 0
    uint64_t first;
    uint64_t end;
    size_t cap;
    size_t bytes;
    uint32_t most; // entries
    size_t bytes_max;
};

void ring_init(struct ring *ring, uint32_t most, size_t bytes_max);
// Forgets all entries and gives the memory back; places keep their meaning.
void ring_clear(struct ring *ring);
// Forgets the oldest entry if there are more than `least`. True if it did.
bool ring_shorten(struct ring *ring, size_t least);
// Takes over the references to frame and step; returns the place.
uint64_t ring_push(struct ring *ring, const struct entry *entry);
// Returns the first place whose number is above `number`, or `end` if there is none.
uint64_t ring_above(const struct ring *ring, int64_t number);

static inline const struct entry *ring_at(const struct ring *ring, uint64_t place)
{
    return &ring->at[place & (ring->cap - 1)];
}

#endif
