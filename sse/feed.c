// SPDX-License-Identifier: Apache-2.0
#include "sse/feed.h"

#include <assert.h>
#include "base/jw.h"
#include "sse/feed_dialect.h"
#include "sse/room_events.h"
#include "sse/room_steps.h"
#include "wire/event.h"

static struct feed *feed_of(const struct slot *slot)
{
    return LIST_OWNER(slot->subscriber, struct feed, subscriber);
}

size_t feed_size(unsigned n)
{
    return sizeof(struct feed) + n * sizeof(struct slot);
}

void feed_init(struct feed *feed, unsigned n, bool numbers_only, struct write_queue *queue, struct link *writer)
{
    memset(feed, 0, feed_size(n));
    feed->n = n;
    feed->numbers_only = numbers_only;
    feed->subscriber = (struct subscriber){queue, writer, -1};
    for (unsigned i = 0; i < n; i++)
        feed->slots[i] = (struct slot){.subscriber = &feed->subscriber, .state = SLOT_OVER};
}

void feed_join(struct feed *feed, unsigned i, struct room *room, int64_t from, int64_t head)
{
    struct slot *slot = &feed->slots[i];
    slot->room = room;
    slot->state = SLOT_REPLAY;
    slot->counted = room_is_counted(room);
    slot->cursor = slot->counted ? from : 0;
    slot->known = slot->counted ? head : 0;
    slot->place = room->ring.end;
    feed->live++;
    room_subscribe(room, slot, slot->known);
    subscriber_wake(&feed->subscriber);
}

void feed_join_dialect(struct feed *feed, unsigned i, struct room *room, enum dialect dialect, int64_t head)
{
    feed_join(feed, i, room, 0, head);
    feed_dialect_join(&feed->slots[i], dialect);
}

static void part(struct slot *slot)
{
    if (!slot->room)
        return;
    feed_dialect_leave(slot);
    room_unsubscribe(slot->room, slot);
    slot->room = NULL;
    slot->state = SLOT_OVER;
    feed_of(slot)->live--;
}

void feed_leave(struct feed *feed)
{
    for (unsigned i = 0; i < feed->n; i++)
        part(&feed->slots[i]);
}

size_t feed_id(const struct feed *feed, char line[static FEED_ID_SIZE])
{
    int64_t at[CURSOR_ROOMS_MAX];
    assert(feed->n <= CURSOR_ROOMS_MAX);
    for (unsigned i = 0; i < feed->n; i++)
        at[i] = feed->slots[i].counted ? feed->slots[i].cursor : CURSOR_NOW;
    memcpy(line, "id: ", 4);
    size_t n = 4 + cursor_print(line + 4, at, feed->n, frame_epoch());
    line[n] = '\n';
    return n + 1;
}

// Hands over a numbered event. A stream of one room shares the frame's own `id:` line. 0, or -1 if it has to wait for
// the database.
static int hand(struct slot *slot, struct batch *batch, struct frame *frame)
{
    if (slot->dialect && feed_dialect_event(slot, batch, frame))
        return -1;
    slot->cursor = frame->seq;
    if (slot->dialect)
        return 0;
    if (feed_of(slot)->n == 1) {
        batch_frame(batch, frame, frame_whole(frame));
        return 0;
    }
    char line[FEED_ID_SIZE];
    batch_text(batch, (struct str){line, feed_id(feed_of(slot), line)});
    batch_frame(batch, frame, frame_tail(frame));
    return 0;
}

static void hand_notice(struct slot *slot, struct batch *batch, struct str event, bool with_id)
{
    struct buf b = {0};
    char line[FEED_ID_SIZE];
    size_t n = with_id ? feed_id(feed_of(slot), line) : 0;
    buf_bytes(&b, line, n);
    buf_lit(&b, "event: ");
    buf_str(&b, event);
    buf_lit(&b, "\ndata: {\"room\":\"");
    buf_str(&b, str_from(slot->room->public_name));
    buf_lit(&b, "\"}\n\n");
    batch_text(batch, buf_view(&b));
    buf_fini(&b);
}

static void reset(struct slot *slot, struct batch *batch)
{
    slot->cursor = slot->room->head;
    slot->room->rooms->counts.resets++;
    // In a dialect there is no word for what is gone: the session goes on with what there is.
    if (!slot->dialect)
        hand_notice(slot, batch, STR("reset"), true);
}

// Hands over numbered events up to the room's head. 0, or -1 if the rest has to wait for room or for the database.
static int pull_numbers(struct slot *slot, struct batch *batch)
{
    struct room *room = slot->room;
    while (slot->cursor < room->head) {
        if (!batch_has_room(batch))
            return -1;
        if (room_events_lost(room, slot->cursor)) {
            reset(slot, batch);
            continue;
        }
        struct frame *frame = room_events_frame(room, slot->cursor + 1);
        if (!frame) {
            slot->needs_backfill = true;
            if (!room->asked_events)
                room_want(room, WANT_EVENTS);
            return -1;
        }
        if (hand(slot, batch, frame))
            return -1;
    }
    return 0;
}

// Decides which answer will do for this slot's snapshot: that of the next query to go out. A session's texts are in
// memory already, unless one of them was evicted.
static void ask_snapshot(struct slot *slot)
{
    struct room *room = slot->room;
    slot->asked = true;
    slot->place = room->ring.end;
    slot->snapshot_seq = 0;
    slot->answer = room->answered_n;
    bool known = room->kind == ROOM_SESSION && room->steps_known && !room_steps_evicted(room);
    if (known || !room_name_is_greeted(room->kind))
        return;
    slot->answer = room->asked_n + 1;
    room_want(room, room->kind == ROOM_SESSION ? WANT_STATE : WANT_SNAPSHOT);
}

static int pull_texts(struct slot *slot, struct batch *batch)
{
    for (struct step *step; (step = room_steps_next(slot->room, slot->snapshot_seq));
         slot->snapshot_seq = step->start_seq) {
        if (!batch_has_room(batch))
            return -1;
        if (slot->dialect) {
            feed_dialect_text(slot, batch, step);
            continue;
        }
        struct frame *frame = step_whole(step, str_from(slot->room->public_name));
        batch_frame(batch, frame, frame_whole(frame));
    }
    return 0;
}

static int pull_snapshot(struct slot *slot, struct batch *batch)
{
    struct room *room = slot->room;
    if (!slot->asked)
        ask_snapshot(slot);
    if ((int32_t)(room->answered_n - slot->answer) < 0 || !batch_has_room(batch))
        return -1;
    if (room->kind == ROOM_SESSION) {
        // Steps are open as of the room's head, so the slot must stand there too: not behind, and not ahead, where the
        // door's reading may have put it.
        if (slot->cursor != room->head)
            return -1;
        // The ring holds nothing more for this slot: its numbered events have been handed over, and its pieces of text
        // are part of the texts.
        if (slot->snapshot_seq == 0)
            slot->place = room->ring.end;
        if (pull_texts(slot, batch))
            return -1;
    } else if (room->snapshot) {
        batch_frame(batch, room->snapshot, frame_whole(room->snapshot));
    }
    slot->state = SLOT_LIVE;
    slot->asked = false;
    return 0;
}

// The pieces of text that were skipped for a reader who is behind. Where a reader in time gets each piece as it came,
// the skipped pieces of a step become one: what was written since the first of them, or the whole text.
struct skipped {
    unsigned n;
    const struct entry *first[8]; // the oldest piece skipped, one for each step
};

static const struct entry *first_of(struct skipped *skipped, const struct step *step)
{
    for (unsigned i = 0; i < skipped->n; i++)
        if (skipped->first[i]->step == step)
            return skipped->first[i];
    return NULL;
}

static void skip(struct slot *slot, struct skipped *skipped, const struct entry *e)
{
    slot->room->rooms->counts.collapsed++;
    if (first_of(skipped, e->step))
        return;
    if (skipped->n < sizeof skipped->first / sizeof skipped->first[0])
        skipped->first[skipped->n++] = e;
    else
        slot->resync = true;
}

static void hand_text(struct slot *slot, struct batch *batch, const struct entry *e, struct skipped *skipped,
                      bool behind)
{
    struct step *step = e->step;
    if (slot->dialect) {
        // The newest piece has what is in those before it.
        if (step->open && step->last_at == slot->place && step->text.generation == e->generation)
            feed_dialect_text(slot, batch, step);
        return;
    }
    if (!step->open || (behind && step->last_at != slot->place)) {
        if (step->open)
            skip(slot, skipped, e);
        return;
    }
    struct str public_name = str_from(slot->room->public_name);
    const struct entry *first = first_of(skipped, step);
    struct frame *frame = e->frame;
    if (step->last_at == slot->place && step->text.generation != e->generation)
        return; // evicted meanwhile; the next whole content mends it
    if (slot->resync)
        frame = step_whole(step, public_name);
    else if (first && first->generation == e->generation && first->from > 0)
        frame = step_since(step, public_name, first->from, first->offset);
    else if (first)
        frame = step_whole(step, public_name);
    batch_frame(batch, frame, frame_whole(frame));
}

static int pull_live(struct slot *slot, struct batch *batch, bool behind)
{
    struct ring *ring = &slot->room->ring;
    struct skipped skipped = {0};
    behind |= slot->resync;
    for (; slot->place < ring->end; slot->place++) {
        const struct entry *e = ring_at(ring, slot->place);
        // A turn does not end while pieces are left out, as what makes up for them would be the whole texts.
        if (skipped.n ? batch_is_full(batch) : !batch_has_room(batch)) {
            slot->resync |= skipped.n > 0;
            return -1;
        }
        if (e->numbered && e->number == slot->cursor + 1 && hand(slot, batch, e->frame))
            return -1;
        if (e->step)
            hand_text(slot, batch, e, &skipped, behind);
        else if (!e->numbered && !slot->dialect)
            batch_frame(batch, e->frame, frame_whole(e->frame));
    }
    slot->resync = false;
    return 0;
}

// Whether something without a number has happened that is no text of a step: a message was deleted that steps quote.
static bool take_unnumbered(struct slot *slot)
{
    const struct ring *ring = &slot->room->ring;
    bool is_told = slot->place < ring->first;
    for (slot->place = is_told ? ring->first : slot->place; slot->place < ring->end; slot->place++) {
        const struct entry *e = ring_at(ring, slot->place);
        is_told |= !e->numbered && !e->step;
    }
    return is_told;
}

// However much has happened, one event tells of it: where the room stands now. Nothing is asked of the database.
static int pull_number(struct slot *slot, struct batch *batch)
{
    struct room *room = slot->room;
    if (room->head < slot->known || !batch_has_room(batch))
        return -1;
    bool again = take_unnumbered(slot);
    if (room_events_lost(room, slot->cursor)) {
        reset(slot, batch);
        return 0;
    }
    if (!again && slot->cursor >= room->head)
        return 0;
    slot->cursor = slot->cursor > room->head ? slot->cursor : room->head;
    struct buf body = {0};
    jw_open(&body, '{');
    jw_member(&body, "room", str_from(room->public_name));
    jw_member_i64(&body, "seq", slot->cursor);
    if (again)
        jw_member_bool(&body, "again", true);
    jw_close(&body, '}');
    struct frame *frame = frame_event(slot->cursor, str_from(event_name(EVENT_SHARE_CHANGED)), buf_view(&body));
    hand(slot, batch, frame);
    frame_unref(frame);
    buf_fini(&body);
    return 0;
}

static int pull(struct slot *slot, struct batch *batch, bool behind)
{
    struct room *room = slot->room;
    if (feed_of(slot)->numbers_only)
        return pull_number(slot, batch);
    // The ring has overtaken the slot, or the room has jumped: the slot goes on by number and gets a new snapshot.
    bool overtaken = slot->place < room->ring.first || (slot->place == room->ring.end && slot->cursor < room->head);
    if (slot->state == SLOT_LIVE && overtaken) {
        slot->state = SLOT_REPLAY;
        slot->resync = false;
    }
    if (slot->state == SLOT_LIVE)
        return pull_live(slot, batch, behind);
    // Until the room has caught up with the door, it may still hold texts whose deletion the door has already seen.
    if (room->head < slot->known)
        return -1;
    int rest = pull_numbers(slot, batch);
    if (slot->state == SLOT_REPLAY && rest == 0) {
        slot->state = SLOT_SNAPSHOT;
        slot->asked = false;
    }
    if (slot->state == SLOT_SNAPSHOT && slot->asked && slot->place < room->ring.first)
        slot->asked = false; // what was to follow the snapshot has left the ring: ask for a new one
    if (slot->state == SLOT_SNAPSHOT && pull_snapshot(slot, batch) == 0)
        return pull_live(slot, batch, behind);
    return rest;
}

// What a room may hand over before it is the next one's turn.
enum { TURN_BYTES = 8 * 1024 };

// One turn of one slot. True if there may be more to hand over.
static bool take_turn(struct slot *slot, struct batch *batch, bool behind)
{
    if (slot->state == SLOT_OVER)
        return false;
    // What is left is of a turn that ended only because the batch was full.
    if (slot->credit <= 0)
        slot->credit += TURN_BYTES;
    if (slot->credit <= 0)
        return true;
    size_t before = batch->bytes;
    bool is_alone = feed_of(slot)->live == 1;
    batch_turn(batch, is_alone ? batch->most : (size_t)slot->credit);
    (void)pull(slot, batch, behind);
    slot->credit = is_alone ? 0 : slot->credit - (int64_t)(batch->bytes - before);
    if (!batch_has_room(batch))
        return true;
    // It has nothing more to say now, and saves nothing up for later.
    slot->credit = 0;
    if (slot->dialect) {
        if (feed_dialect_settle(slot, batch))
            part(slot);
        return false;
    }
    if (slot->room->ended && slot->cursor >= slot->room->ended) {
        hand_notice(slot, batch, STR("end"), false);
        part(slot);
    }
    return false;
}

// Deficit round robin: an event may be larger than what is left of a turn, and is then taken off the room's next ones.
enum feed_outcome feed_pull(struct feed *feed, struct batch *batch, bool behind)
{
    unsigned waiting = 0; // slots in a row that had nothing more to say
    while (waiting < feed->n && !batch_is_full(batch)) {
        struct slot *slot = &feed->slots[feed->turn];
        waiting = take_turn(slot, batch, behind) ? 0 : waiting + 1;
        if (slot->credit <= 0)
            feed->turn = (feed->turn + 1) % feed->n;
    }
    if (feed->live == 0)
        return FEED_OVER;
    return waiting < feed->n ? FEED_MORE : FEED_WAITS;
}
