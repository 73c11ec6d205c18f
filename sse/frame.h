// SPDX-License-Identifier: Apache-2.0
// One event, or a few that belong together, as they go over the wire: formatted once, never changed, shared by everyone
// who receives it, and freed with its last reference. Not thread-safe, as a pusher is one thread.
#ifndef SSE_FRAME_H
#define SSE_FRAME_H

#include <stdint.h>
#include "base/buf.h"

struct frame {
    int64_t seq;      // the event's number in its room; 0: ephemeral
    int64_t stamp_ns; // CLOCK_MONOTONIC at its commit; 0: not known, or not live
    uint32_t refs;
    uint32_t n;
    uint32_t id_n; // length of the leading "id: …" line, which is right for a stream of this one room
    char bytes[];
};

// The database's epoch, which every `id:` names (wire/cursor.h); empty until it is set.
struct str frame_epoch(void);
void frame_epoch_set(struct str name);

// "id: SEQ\nevent: NAME\ndata: BODY\n\n", without the first line if seq is 0. The caller owns one reference. Line ends
// in `body` (white space in JSON) become spaces, and other characters at which clients may split lines are escaped:
// nothing inside an event can end it. What is too long for one event is cut (sse/event_bound.h).
struct frame *frame_event(int64_t seq, struct str name, struct str body);
// A snapshot without a number, in as many events as it takes (sse/event_bound.h). The caller owns one reference.
struct frame *frame_snapshot(struct str name, struct str body);
// A frame of exactly these bytes. The caller owns one reference.
struct frame *frame_bytes(struct str bytes);

static inline struct frame *frame_ref(struct frame *frame)
{
    frame->refs++;
    return frame;
}

void frame_unref(struct frame *frame);

static inline struct str frame_whole(const struct frame *frame)
{
    return (struct str){frame->bytes, frame->n};
}

// The event without its id line, for a stream that prints another.
static inline struct str frame_tail(const struct frame *frame)
{
    return (struct str){frame->bytes + frame->id_n, frame->n - frame->id_n};
}

// How many frames there are, and their bytes, for the metrics.
extern uint64_t frame_count;
extern uint64_t frame_total;

#endif
