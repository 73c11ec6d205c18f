// One event as it goes over the wire: formatted once, never changed, shared by everyone who gets it, freed with the
// last reference. Not thread-safe: a pusher is one thread.
#ifndef SSE_FRAME_H
#define SSE_FRAME_H

#include <stdint.h>
#include "lib/buf.h"

struct frame {
    int64_t seq;   // number of the event in its room; 0: ephemeral
    int64_t stamp; // CLOCK_MONOTONIC nanoseconds of its commit; 0: not known, or not live
    uint32_t refs;
    uint32_t n;
    uint32_t id_n; // length of the leading "id: …" line, which is right for a stream of this one room
    char bytes[];
};

// "id: SEQ\nevent: NAME\ndata: BODY\n\n", without the first line if seq is 0. The caller owns one reference. Line ends
// in `body` (white space in JSON) become spaces: nothing inside an event can end it.
struct frame *frame_event(int64_t seq, struct str name, struct str body);
// The bytes as they are.
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

// Without its id line, for a stream that prints another.
static inline struct str frame_tail(const struct frame *frame)
{
    return (struct str){frame->bytes + frame->id_n, frame->n - frame->id_n};
}

// Frames alive and their bytes, for the metrics.
extern uint64_t frame_count;
extern uint64_t frame_total;

#endif
