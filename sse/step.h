// A step that the pusher knows something about: that it is open, or a text for it, or both. Its text comes from hints
// and is printed here as `agent_session:step:progress`. Counted: the room's ring points at steps that the room has
// already dropped.
#ifndef SSE_STEP_H
#define SSE_STEP_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/buf.h"
#include "sse/frame.h"
#include "sse/list.h"
#include "sse/text.h"

struct step {
    unsigned refs;
    // Open: its start is in the ring or behind it, and its end is not. A step that is neither open nor ended was heard
    // of before its start: its text is held.
    bool open;
    bool ended;
    bool evicted; // its text gave way to others: the checkpoint in the database is the snapshot
    int64_t start_seq;
    uint64_t last_at; // place of its newest text in the ring
    struct room *room;
    struct link by_age; // in the list of texts, last changed last
    struct text text;
    size_t charged; // memory of the text as counted in the total
    char *id;
    // The printed whole text and the printed text since some place, as long as they are current.
    struct frame *whole;
    struct frame *since;
    size_t since_from;
};

struct step *step_new(struct room *room, struct str id, int64_t start_seq);
struct step *step_ref(struct step *step);
void step_unref(struct step *step);
// The text has changed: what was printed of it is no longer current.
void step_touch(struct step *step);

static inline bool step_has_text(const struct step *step)
{
    return !step->evicted && (step->text.raw > 0 || step->text.stamp > 0);
}

// Frames that the step keeps; the caller refs what it keeps. `room` is the room's public name.
struct frame *step_whole(struct step *step, struct str room);
// The text from escaped byte `from` on, which stands at `offset` of the plain text.
struct frame *step_since(struct step *step, struct str room, size_t from, int64_t offset);

#endif
