// SPDX-License-Identifier: Apache-2.0
// What rooms and feeds know of each other: a connection as its rooms see it, and its place in one of them. The room
// lists its slots and wakes their subscribers; the feed moves the slots on (sse/feed.h).
//
// A slot goes from replay to snapshot to live, back to replay when the ring has overtaken it, and is over once its room
// has ended.
//     cursor  the number of the last event that was handed over; only numbered events move it
//     place   where in the ring the next ephemeral event stands; meaningful in snapshot and live only
//     credit  what its next turn begins with (feed_pull)
#ifndef SSE_SUBSCRIBER_H
#define SSE_SUBSCRIBER_H

#include <stdbool.h>
#include <stdint.h>
#include "sse/write_queue.h"

struct dialect_reader; // sse/dialect.h
struct room;

struct subscriber {
    struct write_queue *queue;
    struct link *writer; // what is put into the queue when there is something to hand over
    int fd;              // its socket; -1: it has none
};

enum slot_state { SLOT_REPLAY, SLOT_SNAPSHOT, SLOT_LIVE, SLOT_OVER };

struct slot {
    struct subscriber *subscriber;
    struct room *room;              // NULL: denied, or over
    struct dialect_reader *dialect; // NULL: the events go out as they are
    unsigned index;                 // in room->subs
    uint8_t state;                  // enum slot_state
    bool counted;
    bool needs_backfill;  // waits for events from the database
    bool asked;           // snapshot: its query is known
    bool resync;          // text was skipped: what is still open is sent whole
    uint32_t answer;      // snapshot: the first answer that will do
    int64_t snapshot_seq; // snapshot: start of the last step whose text was handed over
    int64_t cursor;
    int64_t known; // the number that the door has read
    uint64_t place;
    int64_t credit; // bytes that it may still hand over in its turn; below 0 after an event that was larger
};

// There is something to hand over.
static inline void subscriber_wake(struct subscriber *subscriber)
{
    write_queue_add(subscriber->queue, subscriber->writer);
}

#endif
