// SPDX-License-Identifier: Apache-2.0
// What one connection is subscribed to, and where it stands in each room (sse/subscriber.h). The feed decides what
// comes next on the wire; it writes nothing. Pure.
#ifndef SSE_FEED_H
#define SSE_FEED_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "sse/batch.h"
#include "sse/room.h"
#include "sse/subscriber.h"
#include "wire/cursor.h"
#include "wire/dialect.h"

struct feed {
    struct subscriber subscriber;
    unsigned n;        // positions of the `id:`, denied rooms included
    unsigned live;     // slots that are not over
    unsigned turn;     // the slot that goes on next
    bool numbers_only; // of the rooms only their numbers are told
    struct slot slots[];
};

// Room for "id: ", a cursor and a line end.
enum { FEED_ID_SIZE = 4 + CURSOR_TEXT_SIZE + 1 };

enum feed_outcome {
    FEED_WAITS, // everything that there is has been handed over
    FEED_MORE,  // the batch is full
    FEED_OVER,  // everything has been handed over, and nothing can follow
};

// Room for `n` slots behind the feed.
size_t feed_size(unsigned n);
// All slots start denied. `numbers_only`: that something has happened is told, and not what.
void feed_init(struct feed *feed, unsigned n, bool numbers_only, struct write_queue *queue, struct link *writer);
// Subscribes slot `i`, which stands at `from`; the door has seen the room at `head`.
void feed_join(struct feed *feed, unsigned i, struct room *room, int64_t from, int64_t head);
// The same for a session's room in another dialect, which is told from its beginning.
void feed_join_dialect(struct feed *feed, unsigned i, struct room *room, enum dialect dialect, int64_t head);
void feed_leave(struct feed *feed);

// "id: 34.12.-\n", where the stream stands now, without a NUL; returns its length.
size_t feed_id(const struct feed *feed, char line[static FEED_ID_SIZE]);

// Hands over what there is, each room's in order. Rooms take turns, so that on a slow connection each gets its share of
// the bytes, however much another has to say. If the reader or the loop is behind, text is collapsed.
enum feed_outcome feed_pull(struct feed *feed, struct batch *batch, bool behind);

#endif
