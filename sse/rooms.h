// All rooms of the process, found by name, and what they share: limits, the ages of texts, the list of rooms that want
// something from the database, the connections that have something to write.
//
// A room exists while somebody is subscribed, for a while after that (reconnecting clients find its ring), and without
// any subscriber while it has text of open steps. Beyond the limit the longest unused room without subscribers goes.
#ifndef SSE_ROOMS_H
#define SSE_ROOMS_H

#include <stdint.h>
#include "lib/buf.h"
#include "lib/hint.h"
#include "lib/must.h"
#include "sse/list.h"
#include "sse/ready.h"

struct room;
struct step;

struct rooms_limits {
    size_t rooms;
    size_t ring_events;
    size_t ring_bytes; // of all rings
    size_t text_bytes; // of all texts
};

struct rooms_counts {
    uint64_t hints, duplicates, held, late, published, texts, collapsed, evicted, healed, resets;
};

struct rooms {
    int64_t now; // monotonic ns, as the loop has told
    uint32_t seed;
    struct rooms_limits limits;
    struct rooms_counts counts;
    struct room **at; // hash table, open hashing through room->same_hash
    size_t cap;
    size_t n;
    size_t watched;
    struct list unwatched; // longest without subscribers first
    struct list wanting;   // rooms with a question for the database
    struct list stirred;   // rooms whose subscribers have something new
    struct list followed;  // unwatched, with a ring: longest without subscribers first
    struct list paged;     // rooms that hold older events for somebody
    struct list texts;     // steps with text, longest unchanged first
    size_t text_bytes;
    size_t ring_bytes;
    struct ready ready;
    bool database; // believed to answer: without it holes wait and nothing is asked
};

void rooms_init(struct rooms *rooms, const struct rooms_limits *limits, uint32_t seed);
void rooms_fini(struct rooms *rooms);
struct room *rooms_find(const struct rooms *rooms, struct str name);
// Finds or makes. NULL if `name` is no room's, or there are as many rooms as may be and each has subscribers.
MUST_USE struct room *rooms_get(struct rooms *rooms, struct str name);
// Hands a hint to its room, if there is one for it.
void rooms_hint(struct rooms *rooms, const struct hint *hint);
// Wakes the subscribers of the rooms where something happened.
void rooms_wake(struct rooms *rooms);
// Forgets the rings of rooms that have had no subscribers since `before` (monotonic ns), and old pages.
void rooms_tidy(struct rooms *rooms, int64_t before);
// Forgets the ring of the longest unwatched room that has one, but for `except`'s. False if there is none.
bool rooms_forget_ring(struct rooms *rooms, const struct room *except);

// The memory of a step's text has changed: counts it, and evicts the longest unchanged other ones beyond the limit.
void rooms_charge(struct rooms *rooms, struct step *step);
// The step's text no longer counts.
void rooms_discharge(struct rooms *rooms, struct step *step);

#endif
