// SPDX-License-Identifier: Apache-2.0
#include "sse/room_events.h"

#include <assert.h>
#include <stdlib.h>
#include "sse/dialect_room.h"
#include "sse/room_steps.h"
#include "sse/subscriber.h"

static void drop_held(struct room *room, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        frame_unref(room->held[i].frame);
        free(room->held[i].step);
    }
    room->held_n -= n;
    if (n && room->held_n)
        memmove(room->held, room->held + n, room->held_n * sizeof *room->held);
}

void room_events_forget_page(struct room *room)
{
    for (unsigned i = 0; i < room->page_n; i++)
        frame_unref(room->page[i]);
    list_leave(&room->paged);
    free(room->page);
    room->page = NULL;
    room->page_n = 0;
}

void room_events_forget(struct room *room)
{
    drop_held(room, room->held_n);
    free(room->held);
    room->held = NULL;
    room->held_cap = 0;
    room_events_forget_page(room);
    room_clear_ring(room);
}

static void hold(struct room *room, const struct room_event *event)
{
    unsigned at = room->held_n;
    while (at > 0 && room->held[at - 1].seq >= event->seq)
        at--;
    if (room->held_n == ROOM_HELD_MAX || (at < room->held_n && room->held[at].seq == event->seq)) {
        room->rooms->counts.duplicates++;
        return;
    }
    if (room->held_n == room->held_cap) {
        room->held_cap = room->held_cap ? room->held_cap * 2 : 4;
        room->held = mem_grow(room->held, room->held_cap * sizeof *room->held);
    }
    memmove(room->held + at + 1, room->held + at, (room->held_n - at) * sizeof *room->held);
    room->held[at] = (struct held){event->seq, event->flags, event->start_seq,
                                   event->step.n ? mem_dup(event->step) : NULL, frame_ref(event->frame)};
    room->held_n++;
    room->rooms->counts.held++;
}

// A text was deleted, so nothing that was printed before may be replayed: neither what is kept nor what is under way.
static void forget_printed(struct room *room)
{
    room_clear_ring(room);
    room_events_forget_page(room);
    if (room->dialects)
        dialect_room_forget(room->dialects);
    if (room->asked_events)
        room_want(room, WANT_EVENTS);
    room->asked_events = false;
}

void room_events_forget_printed(struct room *room)
{
    drop_held(room, room->held_n);
    forget_printed(room);
    if (room->head < room->target)
        room_want(room, WANT_EVENTS);
}

void room_events_fell(struct room *room, int64_t number)
{
    drop_held(room, room->held_n);
    forget_printed(room);
    room->head = room->target = number;
    room->oldest_seq = number + 1;
    room->reopened = 0;
    for (unsigned i = 0; i < room->subs_n; i++) {
        struct slot *slot = room->subs[i];
        slot->cursor = number - 1;
        slot->known = slot->known < number ? slot->known : number;
    }
    room_end_never(room);
    room_lose_steps(room);
    room_wake(room);
}

// The event that follows `head` enters the ring and becomes the next one for every reader.
static void apply(struct room *room, const struct room_event *event)
{
    assert(event->seq == room->head + 1);
    room->head = event->seq;
    if (room->target < room->head)
        room->target = room->head;
    if (event->flags & HINT_REOPENS_ROOM)
        room_reopen(room, event->seq);
    if (event->flags & HINT_ENDS_ROOM)
        room->halted = event->seq;
    // A session that has ended may still take steps, or run again: the database knows whether that is expected.
    if (event->flags & HINT_ENDS_ROOM || room->ended) {
        room->ended = 0;
        room_want(room, WANT_STATE);
    }
    if (event->flags & HINT_FORGETS)
        forget_printed(room);
    room_push(room, &(struct entry){.number = event->seq, .numbered = true, .frame = frame_ref(event->frame)});
    room_steps_applied(room, event);
    room->rooms->counts.published++;
}

static void apply_held(struct room *room)
{
    unsigned n = 0;
    while (n < room->held_n && room->held[n].seq <= room->head + 1) {
        struct held *h = &room->held[n++];
        if (h->seq == room->head + 1)
            apply(room, &(struct room_event){h->seq, h->flags, h->start_seq, str_from(h->step), h->frame});
    }
    drop_held(room, n);
}

void room_events_heard(struct room *room, const struct room_event *event)
{
    if (event->seq <= room->head) {
        room->rooms->counts.duplicates++;
        return;
    }
    if (room->target < event->seq)
        room->target = event->seq;
    if (event->frame && event->seq == room->head + 1) {
        apply(room, event);
        apply_held(room);
    } else if (event->frame) {
        hold(room, event);
    }
    if (room->head < room->target)
        room_want(room, event->frame ? WANT_HOLE : WANT_EVENTS);
}

// Events up to `number` can no longer be fetched. Readers who lack them are told so and go on behind them.
static void jump(struct room *room, int64_t number)
{
    room->oldest_seq = number + 1;
    if (number <= room->head)
        return;
    room->head = number;
    if (room->target < number)
        room->target = number;
    room_clear_ring(room);
    room_lose_steps(room);
}

static void keep_page(struct room *room, const struct room_event *rows, unsigned n)
{
    room_events_forget_page(room);
    room->page = mem_alloc(n * sizeof(struct frame *));
    room->page_first = rows[0].seq;
    room->page_used_ns = room->rooms->now_ns;
    list_join(&room->rooms->paged, &room->paged);
    while (room->page_n < n && rows[room->page_n].seq == room->page_first + room->page_n) {
        room->page[room->page_n] = frame_ref(rows[room->page_n].frame);
        room->page_n++;
    }
}

void room_events_fetched(struct room *room, int64_t above, const struct room_event *rows, unsigned n, bool complete)
{
    room->asked_events = false;
    if (n && rows[0].seq > above + 1)
        jump(room, rows[0].seq - 1);
    for (unsigned i = 0; i < n; i++) {
        if (rows[i].seq <= room->head)
            continue;
        if (rows[i].seq > room->head + 1)
            jump(room, rows[i].seq - 1);
        apply(room, &rows[i]);
        room->rooms->counts.healed++;
    }
    // All rows were printed at one time, so none of them shows a text that another of them says was deleted.
    if (n)
        keep_page(room, rows, n);
    int64_t last = n ? rows[n - 1].seq : above;
    // The database has the last word: a number that was known before the query and is not there does not exist, or no
    // longer.
    if (complete && n == 0 && above < room->asked_head)
        jump(room, room->asked_head);
    if (complete && last < room->asked_target && room->head < room->asked_target)
        jump(room, room->asked_target);
    apply_held(room);
    if (room->head < room->target)
        room_want(room, WANT_EVENTS);
    room_wake_backfill(room);
}

struct frame *room_events_frame(struct room *room, int64_t number)
{
    int64_t in_page = number - room->page_first;
    if (room->page_n && in_page >= 0 && in_page < room->page_n) {
        room->page_used_ns = room->rooms->now_ns;
        return room->page[in_page];
    }
    uint64_t place = ring_above(&room->ring, number - 1);
    while (place != room->ring.end && !ring_at(&room->ring, place)->numbered)
        place++;
    if (place == room->ring.end)
        return NULL;
    const struct entry *e = ring_at(&room->ring, place);
    return e->number == number ? e->frame : NULL;
}

bool room_events_lost(const struct room *room, int64_t cursor)
{
    return cursor < room->head && cursor + 1 < room->oldest_seq;
}
