// SPDX-License-Identifier: Apache-2.0
// A step of which the pusher knows that it is open, or a text, or both. Its text comes from hints and is printed here
// as `agent_session:step:progress`. Steps are reference-counted, as the room's ring refers to steps that the room
// itself has already dropped.
#ifndef SSE_STEP_H
#define SSE_STEP_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "sse/frame.h"
#include "base/list.h"
#include "sse/text.h"

struct step {
    unsigned refs;
    // A step is open once its start has passed through the ring and its end has not. A step that is neither open nor
    // ended was heard of before its start, and its text is held.
    bool open;
    bool ended;
    bool evicted; // its text gave way to others, so the checkpoint in the database is the snapshot
    bool owed;    // its checkpoint did not fit the last answer, and is asked for
    int64_t start_seq;
    uint64_t last_at; // place of its newest text in the ring
    struct room *room;
    struct link by_age; // in rooms->texts
    struct text text;
    size_t charged; // the memory of the text as counted in rooms->text_bytes
    char *id;
    // The whole text and the text since some place, printed, as long as they are current; else NULL.
    struct frame *whole;
    struct frame *since;
    size_t since_from;
};

struct step *step_new(struct room *room, struct str id, int64_t start_seq);
struct step *step_ref(struct step *step);
void step_unref(struct step *step);
// The text has changed, so what was printed of it is dropped.
void step_touch(struct step *step);

static inline bool step_has_text(const struct step *step)
{
    return !step->evicted && (step->text.raw > 0 || step->text.stamp_ns > 0);
}

// These frames belong to the step; a caller who keeps one takes a reference. `room` is the room's public name.
struct frame *step_whole(struct step *step, struct str room);
// The text from its escaped byte `from` on, which is byte `offset` of the plain text.
struct frame *step_since(struct step *step, struct str room, size_t from, int64_t offset);

#endif
