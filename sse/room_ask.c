// SPDX-License-Identifier: Apache-2.0
// What a room asks of the database, and what the answers say.
#include "sse/dialect_room.h"
#include "sse/room.h"
#include "sse/room_steps.h"
#include "sse/subscriber.h"

// The pause after a query that failed doubles with each further one, up to a minute.
enum { FAILURES_DOUBLING = 7 };
static const int64_t FAILED_PAUSE_NS = INT64_C(500000000);

// The cursor from which old events are asked for next: that of the next reader in turn, or of a reader who stands a
// little before it. So one query serves many readers who come back at once.
static int64_t oldest_cursor(struct room *room)
{
    int64_t next = -1;
    for (unsigned i = 0; i < room->subs_n && next < 0; i++) {
        const struct slot *slot = room->subs[(room->next_reader + i) % room->subs_n];
        if (slot->needs_backfill && slot->cursor < room->head) {
            next = slot->cursor;
            room->next_reader = (room->next_reader + i + 1) % room->subs_n;
        }
    }
    int64_t oldest = next;
    for (unsigned i = 0; i < room->subs_n && next >= 0; i++) {
        const struct slot *slot = room->subs[i];
        if (slot->needs_backfill && slot->cursor < oldest && slot->cursor >= next - ROOM_PAGE_MAX / 4)
            oldest = slot->cursor;
    }
    return oldest;
}

int64_t room_ask_events(struct room *room)
{
    room->wants &= ~(unsigned)(WANT_EVENTS | WANT_HOLE);
    room->asked_events = true;
    room->asked_head = room->head;
    room->asked_target = room->target;
    room->hole_seen_ns = 0;
    room->holes_first = !room->holes_first;
    bool hole = room->head < room->target;
    int64_t oldest = hole && room->holes_first ? -1 : oldest_cursor(room);
    return room->asked_above = oldest >= 0 ? oldest : room->head;
}

void room_ask_state(struct room *room)
{
    room->wants &= ~(unsigned)WANT_STATE;
    room->asked_state = true;
    if (room->kind == ROOM_SESSION)
        room->asked_n++;
}

void room_ask_check(struct room *room)
{
    room->wants &= ~(unsigned)WANT_CHECK;
}

struct str room_ask_content(struct room *room)
{
    room->wants &= ~(unsigned)WANT_CONTENT;
    struct str step = room->dialects && !room->asked_content ? dialect_room_wanted(room->dialects) : STR_NONE;
    room->asked_content |= step.p != NULL;
    return step;
}

void room_content(struct room *room, struct str step, struct str content)
{
    room->asked_content = false;
    if (!room->dialects)
        return;
    dialect_room_fetched(room->dialects, step, content);
    room_mark_dirty(room);
}

void room_ask_snapshot(struct room *room)
{
    room->wants &= ~(unsigned)WANT_SNAPSHOT;
    room->asked_snapshot = true;
    room->asked_n++;
}

void room_end_later(struct room *room, int64_t in_ms)
{
    room->ended = 0;
    room->ends_at_ns = room->rooms->now_ns + in_ms * INT64_C(1000000);
    list_leave(&room->ending);
    list_join(&room->rooms->ending, &room->ending);
}

void room_end_never(struct room *room)
{
    room->halted = room->ended = room->ends_at_ns = 0;
    list_leave(&room->ending);
}

void room_reopen(struct room *room, int64_t seq)
{
    bool had_ended = room->halted || room->ended || list_has(&room->ending);
    room_end_never(room);
    room->reopened = seq;
    if (had_ended)
        room_lose_steps(room);
}

void room_state(struct room *room, int64_t last_seq, int64_t ends_in_ms, const struct room_open_step *open, unsigned n)
{
    room->asked_state = false;
    room_expect(room, last_seq);
    if (last_seq < room->reopened) {
        room_want(room, WANT_STATE);
        return;
    }
    // An answer that is older than what has been heard says nothing about the end.
    if (ends_in_ms >= 0 && last_seq < room->head) {
        room_want(room, WANT_STATE);
    } else if (ends_in_ms > 0) {
        room_end_later(room, ends_in_ms);
    } else if (ends_in_ms == 0) {
        room->ended = last_seq;
    } else if (last_seq > room->halted) {
        room_end_never(room);
    }
    if (room->kind == ROOM_SESSION) {
        room_steps_state(room, last_seq, open, n);
        room->answered_n = room->asked_n;
    }
    room_mark_dirty(room);
}

void room_snapshot(struct room *room, struct frame *frame)
{
    room->asked_snapshot = false;
    room->answered_n = room->asked_n;
    frame_unref(room->snapshot);
    room->snapshot = frame_ref(frame);
    room_mark_dirty(room);
}

void room_unasked(struct room *room)
{
    unsigned again = (room->asked_events ? WANT_EVENTS : 0u) | (room->asked_state ? WANT_STATE : 0u) |
                     (room->asked_snapshot ? WANT_SNAPSHOT : 0u) | (room->asked_content ? WANT_CONTENT : 0u);
    room->asked_events = room->asked_state = room->asked_snapshot = room->asked_content = false;
    if (again && room->followed)
        room_want(room, again);
}

void room_unasked_content(struct room *room)
{
    room->asked_content = false;
    room_want(room, WANT_CONTENT);
}

void room_failed(struct room *room, unsigned want)
{
    unsigned doublings = room->failures < FAILURES_DOUBLING ? room->failures : FAILURES_DOUBLING;
    room->failed |= want;
    // The first time it may have been another room's fault.
    room->again_ns = room->rooms->now_ns + (room->failures ? FAILED_PAUSE_NS << doublings : 0);
    room->failures++;
}

void room_not_failed(struct room *room, unsigned want)
{
    room->failed &= ~want;
    if (!room->failed)
        room->failures = 0;
}
