// What one connection is subscribed to, and where it stands in each room. The feed decides what comes next on the wire;
// it writes nothing. Pure.
//
// A slot goes replay → snapshot → live, back to replay when the ring has overtaken it, and is over when its room ended.
//     cursor  the number of the last event that was handed over; only numbered events move it
//     place   where in the ring the next ephemeral event stands; right only in snapshot and live
#ifndef SSE_FEED_H
#define SSE_FEED_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/buf.h"
#include "sse/batch.h"
#include "sse/room.h"

enum slot_state { SLOT_REPLAY, SLOT_SNAPSHOT, SLOT_LIVE, SLOT_OVER };

struct feed;

struct slot {
    struct feed *feed;
    struct room *room; // NULL: denied, or over
    unsigned index;    // in room->subs
    uint8_t state;     // enum slot_state
    bool counted;
    bool hungry;     // waits for events from the database
    bool asked;      // snapshot: its question is known
    bool resync;     // text was skipped: what is still open is sent whole
    uint32_t answer; // snapshot: the first that will do
    int64_t told;    // snapshot: start of the last step whose text was handed over
    int64_t cursor;
    int64_t known; // the number that the door has read
    uint64_t place;
};

struct feed {
    struct ready *ready;
    struct link *writer; // what is put into `ready` when there is something to hand over
    unsigned n;          // positions of the `id:`, denied rooms included
    unsigned live;       // slots that are not over
    struct slot slots[];
};

enum feed_outcome {
    FEED_WAITS, // everything there is has been handed over
    FEED_MORE,  // the batch is full
    FEED_OVER,  // and nothing will follow
};

// Room for `n` slots behind the feed.
size_t feed_size(unsigned n);
// All slots start denied.
void feed_init(struct feed *feed, unsigned n, struct ready *ready, struct link *writer);
// Subscribes slot `i`: it stands at `from`, and the door has seen the room at `head`.
void feed_join(struct feed *feed, unsigned i, struct room *room, int64_t from, int64_t head);
void feed_leave(struct feed *feed);

// Hands over what is there, in order. `behind`: the reader or the loop is, so text is collapsed.
enum feed_outcome feed_pull(struct feed *feed, struct batch *batch, bool behind);

// The feed has something to hand over.
static inline void feed_wake(struct feed *feed)
{
    ready_add(feed->ready, feed->writer);
}

#endif
