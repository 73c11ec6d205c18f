// SPDX-License-Identifier: Apache-2.0
// All rooms of the process, found by name, and what they share: limits, counts, the ages of texts, the rooms that want
// something from the database, and the queue of connections that have something to write.
//
// A room exists while it has subscribers, for a minute afterwards, so that reconnecting clients find its ring, and
// beyond that for some minutes while it has texts of open steps. Beyond the limit of rooms the one that has been
// without subscribers for longest goes. Besides subscribers, only hints of text make a room.
#ifndef SSE_ROOMS_H
#define SSE_ROOMS_H

#include <stdint.h>
#include "base/buf.h"
#include "wire/hint.h"
#include "base/must.h"
#include "base/list.h"
#include "sse/write_queue.h"

struct room;
struct step;

struct rooms_limits {
    size_t rooms;
    size_t ring_events;
    size_t ring_bytes; // of all rings
    size_t text_bytes; // of all texts
};

struct rooms_counts {
    uint64_t duplicates, held, late, published, texts, collapsed, evicted, healed, resets;
};

struct rooms {
    int64_t now_ns; // monotonic clock, set by the loop once a turn
    uint32_t seed;
    struct rooms_limits limits;
    struct rooms_counts counts;
    struct room **at; // hash table with chains through room->same_hash
    size_t cap;
    size_t n;
    size_t watched;
    struct list unwatched; // without subscribers, the longest so first
    struct list wanting;   // rooms that want something from the database
    struct list dirty;     // rooms whose subscribers are to be woken
    struct list followed;  // followed but without subscribers, the longest so first
    struct list ending;    // rooms whose end is due at some time
    struct list paged;     // rooms that hold a page of older events
    struct list texts;     // steps with a text, the longest unchanged first
    size_t text_bytes;
    size_t ring_bytes;
    struct write_queue write_queue;
    // Rooms that have got their first subscriber or lost their last, for the relay (wire/interest.h); NULL: none.
    struct buf *interest;
};

void rooms_init(struct rooms *rooms, const struct rooms_limits *limits, uint32_t seed);
void rooms_fini(struct rooms *rooms);
struct room *rooms_find(const struct rooms *rooms, struct str name);
// Finds the room or makes it. NULL if no room can have that name, or if there are as many rooms as may be and all of
// them have subscribers.
MUST_USE struct room *rooms_get(struct rooms *rooms, struct str name);
// True if this many more rooms may have subscribers.
bool rooms_have_place(const struct rooms *rooms, size_t more);
// Hands a hint to its room, if there is one or the hint makes one.
void rooms_hint(struct rooms *rooms, const struct hint *hint);
// A writer of this machine has sent text of that room.
void rooms_written(struct rooms *rooms, struct str name);
// Wakes the subscribers of all rooms where something has happened.
void rooms_wake(struct rooms *rooms);
// Asks for the ends that are due, and forgets pages that were not read lately, and the rings of rooms that have had no
// subscribers since `before_ns`.
void rooms_tidy(struct rooms *rooms, int64_t before_ns);
// Unfollows the room, other than `except`, that has been without subscribers for longest. False if there is none.
bool rooms_forget_ring(struct rooms *rooms, const struct room *except);

// The memory of a step's text has changed: counts it, and evicts other texts beyond the limit, the longest unchanged
// first.
void rooms_charge(struct rooms *rooms, struct step *step);
// Stops counting the step's text.
void rooms_discharge(struct rooms *rooms, struct step *step);

#endif
