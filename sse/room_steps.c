// SPDX-License-Identifier: Apache-2.0
#include "sse/room_steps.h"

#include <stdlib.h>
#include "sse/subscriber.h"

static unsigned place_of(const struct room *room, int64_t start_seq)
{
    unsigned low = 0, high = room->steps_n;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (room->steps[middle]->start_seq < start_seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct step *find(const struct room *room, int64_t start_seq)
{
    unsigned at = place_of(room, start_seq);
    return at < room->steps_n && room->steps[at]->start_seq == start_seq ? room->steps[at] : NULL;
}

static struct step *add(struct room *room, int64_t start_seq, struct str id)
{
    if (room->steps_n == ROOM_STEPS_MAX)
        return NULL;
    if (room->steps_n == room->steps_cap) {
        room->steps_cap = room->steps_cap ? room->steps_cap * 2 : 4;
        room->steps = mem_grow(room->steps, room->steps_cap * sizeof(struct step *));
    }
    unsigned at = place_of(room, start_seq);
    memmove(room->steps + at + 1, room->steps + at, (room->steps_n - at) * sizeof(struct step *));
    room->steps_n++;
    return room->steps[at] = step_new(room, id, start_seq);
}

static void let_go(struct room *room, struct step *step)
{
    step->open = false;
    step->room = NULL;
    rooms_discharge(room->rooms, step);
    text_forget(&step->text);
    step_touch(step);
    step_unref(step);
}

static void drop(struct room *room, unsigned at)
{
    let_go(room, room->steps[at]);
    room->steps_n--;
    memmove(room->steps + at, room->steps + at + 1, (room->steps_n - at) * sizeof(struct step *));
}

void room_steps_forget(struct room *room)
{
    while (room->steps_n)
        drop(room, room->steps_n - 1);
    free(room->steps);
    room->steps = NULL;
    room->steps_cap = 0;
    room->steps_known = false;
}

// The step ends. While a query for the open steps is under way the end is remembered, as the answer may still have the
// step open.
static void end_step(struct room *room, const struct room_event *event)
{
    struct step *step = find(room, event->start_seq);
    if (!step && room->asked_state)
        step = add(room, event->start_seq, event->step);
    if (!step)
        return;
    if (!room->asked_state) {
        drop(room, place_of(room, event->start_seq));
        return;
    }
    step->open = false;
    step->ended = true;
}

static void push_text(struct room *room, struct step *step, struct frame *frame, size_t from, int64_t offset)
{
    if (room->subs_n == 0)
        return;
    struct entry entry = {.number = room->head,
                          .frame = frame_ref(frame),
                          .step = step_ref(step),
                          .generation = step->text.generation,
                          .from = from,
                          .offset = offset};
    step->last_at = room_push(room, &entry);
    room->rooms->counts.texts++;
}

static void push_whole_text(struct room *room, struct step *step)
{
    push_text(room, step, step_whole(step, str_from(room->public_name)), 0, 0);
}

void room_steps_applied(struct room *room, const struct room_event *event)
{
    if (event->flags & HINT_ENDS_ROOM) {
        while (room->steps_n)
            drop(room, room->steps_n - 1);
    } else if (event->flags & HINT_ENDS_STEP) {
        end_step(room, event);
    } else if ((event->flags & HINT_OPENS_STEP) && room->followed) {
        struct step *step = find(room, event->start_seq);
        if (!step)
            step = add(room, event->start_seq, event->step);
        if (!step)
            return;
        step->open = true;
        if (step_has_text(step))
            push_whole_text(room, step);
    }
}

// The step to which a text belongs, or NULL if the text is late.
static struct step *step_of(struct room *room, const struct hint *hint)
{
    struct step *step = find(room, hint->start_seq);
    if (step && step->ended)
        return NULL;
    if (!step && room->followed && room->steps_known && hint->start_seq <= room->head)
        return NULL;
    if (!step && (room->halted || room->ended))
        return NULL;
    return step ? step : add(room, hint->start_seq, hint->step);
}

void room_steps_hint(struct room *room, const struct hint *hint)
{
    struct step *step = hint->start_seq > 0 ? step_of(room, hint) : NULL;
    if (!step) {
        room->rooms->counts.late++;
        return;
    }
    size_t from = step->text.escaped.n;
    int64_t offset = step->text.raw;
    struct text_part part = {.n = hint->n,
                             .stamp_ns = hint->stamp_ns,
                             .offset = hint->offset,
                             .raw = hint->raw_length,
                             .piece = hint->piece,
                             .pieces = hint->pieces,
                             .escaped = hint->body};
    enum text_change change = hint->flags & HINT_DELTA         ? text_delta(&step->text, &part)
                              : hint->flags & HINT_TEXT_SO_FAR ? text_so_far(&step->text, &part)
                                                               : text_content(&step->text, &part);
    if (change != TEXT_SAME) {
        step_touch(step);
        step->evicted = false;
        if (step->open && change == TEXT_REPLACED)
            push_whole_text(room, step);
        else if (step->open && room->subs_n)
            push_text(room, step, step_since(step, str_from(room->public_name), from, offset), from, offset);
    }
    rooms_charge(room->rooms, step);
    if (room->followed)
        room_hear_of(room, hint->start_seq);
}

static bool has_live_readers(const struct room *room)
{
    for (unsigned i = 0; i < room->subs_n; i++)
        if (room->subs[i]->state == SLOT_LIVE)
            return true;
    return false;
}

// A step that the database has open. Readers who are there already have had nothing of one that opens only here, or
// whose checkpoint did not fit the answer before.
static void open_step(struct room *room, const struct room_open_step *open, bool is_watched)
{
    struct step *step = find(room, open->start_seq);
    if (!step)
        step = add(room, open->start_seq, open->id);
    if (!step || step->ended)
        return;
    // A step that starts above `head` will be opened by its event.
    bool is_due = open->start_seq <= room->head;
    bool is_new = is_due && (!step->open || (step->owed && open->checkpoint.p && step->text.raw == 0));
    step->open |= is_due;
    if (open->checkpoint.p && !step_has_text(step)) {
        text_restore(&step->text, open->checkpoint, open->checkpoint_raw);
        step_touch(step);
    }
    step->owed = open->is_left_out && !step_has_text(step);
    step->evicted &= open->is_left_out;
    if (is_watched && is_new && step_has_text(step))
        push_whole_text(room, step);
    rooms_charge(room->rooms, step);
}

// Drops what has ended, and what the answer would list if it were open. Both are in the order of `start_seq`.
static void drop_unlisted(struct room *room, int64_t last_seq, const struct room_open_step *open, unsigned n)
{
    unsigned kept = 0, at = 0;
    for (unsigned i = 0; i < room->steps_n; i++) {
        struct step *step = room->steps[i];
        while (at < n && open[at].start_seq < step->start_seq)
            at++;
        bool is_listed = at < n && open[at].start_seq == step->start_seq;
        if (step->ended || (step->start_seq <= last_seq && !is_listed))
            let_go(room, step);
        else
            room->steps[kept++] = step;
    }
    room->steps_n = kept;
}

void room_steps_state(struct room *room, int64_t last_seq, const struct room_open_step *open, unsigned n)
{
    bool is_watched = has_live_readers(room), is_short = false;
    // The answer may be older than the session's end.
    if (room->halted || room->ended)
        n = 0;
    room->texts_above = 0;
    for (unsigned i = 0; i < n; i++) {
        open_step(room, &open[i], is_watched);
        if (open[i].is_left_out && !is_short) {
            is_short = true;
            room->texts_above = open[i].start_seq - 1;
            room_want(room, WANT_STATE);
        }
    }
    drop_unlisted(room, last_seq, open, n);
    room->steps_known = true;
}

bool room_steps_evicted(const struct room *room)
{
    for (unsigned i = 0; i < room->steps_n; i++)
        if (room->steps[i]->open && room->steps[i]->evicted)
            return true;
    return false;
}

struct step *room_steps_next(const struct room *room, int64_t start_seq)
{
    for (unsigned at = place_of(room, start_seq + 1); at < room->steps_n; at++)
        if (room->steps[at]->open && room->steps[at]->text.raw > 0)
            return room->steps[at];
    return NULL;
}

struct step *room_steps_written(const struct room *room, int64_t start_seq)
{
    for (unsigned at = place_of(room, start_seq + 1); at < room->steps_n; at++)
        if (!room->steps[at]->ended && room->steps[at]->text.raw > 0)
            return room->steps[at];
    return NULL;
}

void room_steps_evict(struct step *step)
{
    struct room *room = step->room;
    rooms_discharge(room->rooms, step);
    text_forget(&step->text);
    step_touch(step);
    step->evicted = true;
    room->rooms->counts.evicted++;
    if (!room->followed && !step->open)
        drop(room, place_of(room, step->start_seq));
}
