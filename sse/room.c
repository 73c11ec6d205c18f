// SPDX-License-Identifier: Apache-2.0
#include "sse/room.h"

#include <assert.h>
#include <stdlib.h>
#include "sse/room_events.h"
#include "sse/room_steps.h"
#include "sse/subscriber.h"
#include "wire/interest.h"

// How many entries a room keeps in a process that is short of memory, so that readers in time are not overtaken.
enum { RING_KEPT = 4 };

static const int64_t WRITTEN_NS = INT64_C(60000000000);

bool room_is_counted(const struct room *room)
{
    return room_name_is_counted(room->kind);
}

struct room *room_new(struct rooms *rooms, struct str name)
{
    struct room_name parsed;
    int unknown = room_name_parse(name, &parsed);
    assert(!unknown);
    struct room *room = mem_zero(sizeof *room);
    room->rooms = rooms;
    room->kind = parsed.kind;
    room->name = mem_dup(name);
    struct str public_name = room_name_public(name);
    room->public_name = str_eq(public_name, name) ? room->name : mem_dup(public_name);
    ring_init(&room->ring, (uint32_t)rooms->limits.ring_events, rooms->limits.ring_bytes / 16);
    return room;
}

void room_free(struct room *room)
{
    assert(room->subs_n == 0);
    room->written_until_ns = 0;
    room_tell_interest(room);
    list_leave(&room->by_age);
    list_leave(&room->wanting);
    list_leave(&room->dirty);
    list_leave(&room->lingering);
    list_leave(&room->ending);
    room_steps_forget(room);
    room_events_forget(room);
    frame_unref(room->snapshot);
    free(room->subs);
    if (room->public_name != room->name)
        free(room->public_name);
    free(room->name);
    free(room);
}

void room_wake(struct room *room)
{
    for (unsigned i = 0; i < room->subs_n; i++)
        subscriber_wake(room->subs[i]->subscriber);
}

// However much happens in a room, its subscribers are woken only once a turn.
void room_mark_dirty(struct room *room)
{
    if (room->subs_n && !list_has(&room->dirty))
        list_join(&room->rooms->dirty, &room->dirty);
}

void room_wake_backfill(struct room *room)
{
    for (unsigned i = 0; i < room->subs_n; i++) {
        if (!room->subs[i]->needs_backfill)
            continue;
        room->subs[i]->needs_backfill = false;
        subscriber_wake(room->subs[i]->subscriber);
    }
}

uint64_t room_push(struct room *room, const struct entry *entry)
{
    struct rooms *rooms = room->rooms;
    size_t before = room->ring.bytes;
    uint64_t place = ring_push(&room->ring, entry);
    // If all rings together are too large, rooms that nobody watches give theirs up first; then this room shortens its
    // own.
    bool shorter = true;
    rooms->ring_bytes += room->ring.bytes - before;
    while (rooms->ring_bytes > rooms->limits.ring_bytes && shorter) {
        before = room->ring.bytes;
        shorter = rooms_forget_ring(rooms, room) || ring_shorten(&room->ring, RING_KEPT);
        rooms->ring_bytes -= before - room->ring.bytes;
    }
    room_mark_dirty(room);
    return place;
}

void room_clear_ring(struct room *room)
{
    room->rooms->ring_bytes -= room->ring.bytes;
    ring_clear(&room->ring);
}

void room_want(struct room *room, unsigned want)
{
    room->wants |= want;
    if (!list_has(&room->wanting))
        list_join(&room->rooms->wanting, &room->wanting);
}

void room_lose_steps(struct room *room)
{
    room->steps_known = false;
    if (room->kind == ROOM_SESSION)
        room_want(room, WANT_STATE);
    room_mark_dirty(room);
}

void room_expect(struct room *room, int64_t number)
{
    if (number <= room->target)
        return;
    room->target = number;
    room_want(room, WANT_EVENTS);
}

void room_hear_of(struct room *room, int64_t number)
{
    if (number <= room->target || !room_is_counted(room))
        return;
    room->target = number;
    room_want(room, WANT_HOLE);
}

static void follow(struct room *room, int64_t head)
{
    room->followed = true;
    room->head = room->target = head;
    room->oldest_seq = 0;
}

void room_unfollow(struct room *room)
{
    assert(room->subs_n == 0);
    room_events_forget(room);
    list_leave(&room->lingering);
    room->followed = room->steps_known = false;
    room->wants = 0;
    room->reopened = room->texts_above = 0;
    room_end_never(room);
    room->asked_events = room->asked_state = room->asked_snapshot = room->asked_content = false;
    list_leave(&room->wanting);
}

void room_tell_interest(struct room *room)
{
    if (room->written_until_ns <= room->rooms->now_ns)
        room->written_until_ns = 0;
    bool is_followed = room->subs_n || room->written_until_ns;
    if (!room->rooms->interest || room->is_told == is_followed)
        return;
    room->is_told = is_followed;
    interest_add(room->rooms->interest, is_followed, str_from(room->name));
}

void room_written(struct room *room)
{
    room->written_until_ns = room->rooms->now_ns + WRITTEN_NS;
    room_tell_interest(room);
}

void room_subscribe(struct room *room, struct slot *slot, int64_t head)
{
    if (!room->followed)
        follow(room, head);
    if (room->subs_n == 0) {
        list_leave(&room->by_age);
        list_leave(&room->lingering);
        room->rooms->watched++;
        // Whatever happened between the door's reading and now was not heard.
        if (room_is_counted(room))
            room_want(room, WANT_STATE);
    }
    if (room->subs_n == room->subs_cap) {
        room->subs_cap = room->subs_cap ? room->subs_cap * 2 : 2;
        room->subs = mem_grow(room->subs, room->subs_cap * sizeof(struct slot *));
    }
    slot->index = room->subs_n;
    room->subs[room->subs_n++] = slot;
    room_tell_interest(room);
    room_hear_of(room, head);
}

void room_unsubscribe(struct room *room, struct slot *slot)
{
    assert(room->subs[slot->index] == slot);
    struct slot *last = room->subs[--room->subs_n];
    room->subs[slot->index] = last;
    last->index = slot->index;
    if (room->subs_n > 0)
        return;
    room->rooms->watched--;
    room_tell_interest(room);
    room->unwatched_since_ns = room->rooms->now_ns;
    list_leave(&room->dirty);
    list_join(&room->rooms->unwatched, &room->by_age);
    list_join(&room->rooms->followed, &room->lingering);
}

static void hear_unfollowed(struct room *room, const struct hint *hint)
{
    if (hint->flags & (HINT_CONTENT | HINT_DELTA))
        room_steps_hint(room, hint);
    else if (hint->seq)
        room_steps_applied(room, &(struct room_event){hint->seq, hint->flags, hint->start_seq, hint->step, NULL});
}

static void tell(struct room *room, struct str name, struct str body)
{
    if (room->subs_n)
        room_push(room, &(struct entry){.number = room->head, .frame = frame_event(0, name, body)});
}

void room_hint(struct room *room, const struct hint *hint)
{
    if (!room->followed) {
        hear_unfollowed(room, hint);
        return;
    }
    if (hint->flags & (HINT_CONTENT | HINT_DELTA)) {
        room_steps_hint(room, hint);
        return;
    }
    if (hint->seq == 0 && (hint->flags & HINT_FORGETS)) {
        room_events_forget_printed(room);
        return;
    }
    if (hint->seq == 0 || !room_is_counted(room)) {
        tell(room, hint->name, hint->body);
        return;
    }
    struct room_event event = {hint->seq, hint->flags, hint->start_seq, hint->step, NULL};
    if (hint->body.n && hint->seq > room->head) {
        event.frame = frame_event(hint->seq, hint->name, hint->body);
        event.frame->stamp_ns = hint->stamp_ns;
    }
    room_events_heard(room, &event);
    frame_unref(event.frame);
}

// Two events with one name about one thing have the same text up to and including its id.
static bool has_told_last(const struct room *room, const struct frame *frame, struct str about)
{
    const char *id = memmem(frame->bytes, frame->n, about.p, about.n);
    struct str beginning = {frame->bytes, id ? (size_t)(id - frame->bytes) + about.n : frame->n};
    for (uint64_t place = room->ring.end; place != room->ring.first; place--) {
        const struct entry *e = ring_at(&room->ring, place - 1);
        if (!e->numbered && str_starts(frame_whole(e->frame), beginning))
            return str_eq(frame_whole(e->frame), frame_whole(frame));
    }
    return false;
}

void room_tell_once(struct room *room, struct str name, struct str body, struct str about)
{
    struct frame *frame = frame_event(0, name, body);
    if (has_told_last(room, frame, about))
        frame_unref(frame);
    else
        room_push(room, &(struct entry){.number = room->head, .frame = frame});
}
