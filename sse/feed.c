#include "sse/feed.h"

#include <assert.h>
#include "sse/cursor.h"
#include "sse/numbers.h"
#include "sse/texts.h"

size_t feed_size(unsigned n)
{
    return sizeof(struct feed) + n * sizeof(struct slot);
}

void feed_init(struct feed *feed, unsigned n, struct ready *ready, struct link *writer)
{
    memset(feed, 0, feed_size(n));
    feed->n = n;
    feed->ready = ready;
    feed->writer = writer;
    for (unsigned i = 0; i < n; i++)
        feed->slots[i] = (struct slot){.feed = feed, .state = SLOT_OVER};
}

void feed_join(struct feed *feed, unsigned i, struct room *room, int64_t from, int64_t head)
{
    struct slot *slot = &feed->slots[i];
    slot->room = room;
    slot->state = SLOT_REPLAY;
    slot->counted = room_is_counted(room);
    slot->cursor = slot->counted ? from : 0;
    slot->known = slot->counted ? head : 0;
    feed->live++;
    room_subscribe(room, slot, slot->known);
    feed_wake(feed);
}

static void part(struct slot *slot)
{
    if (!slot->room)
        return;
    room_unsubscribe(slot->room, slot);
    slot->room = NULL;
    slot->state = SLOT_OVER;
    slot->feed->live--;
}

void feed_leave(struct feed *feed)
{
    for (unsigned i = 0; i < feed->n; i++)
        part(&feed->slots[i]);
}

// A numbered event. A stream of one room shares the frame's own `id:` line.
static void hand(struct slot *slot, struct batch *batch, struct frame *frame)
{
    slot->cursor = frame->seq;
    if (slot->feed->n == 1) {
        batch_frame(batch, frame, frame_whole(frame));
        return;
    }
    char line[CURSOR_LINE];
    batch_text(batch, (struct str){line, cursor_line(slot->feed, line)});
    batch_frame(batch, frame, frame_tail(frame));
}

static void say(struct slot *slot, struct batch *batch, struct str event, bool with_id)
{
    struct buf b = {0};
    char line[CURSOR_LINE];
    size_t n = with_id ? cursor_line(slot->feed, line) : 0;
    buf_bytes(&b, line, n);
    buf_lit(&b, "event: ");
    buf_str(&b, event);
    buf_lit(&b, "\ndata: {\"room\":\"");
    buf_str(&b, str_from(slot->room->spoken));
    buf_lit(&b, "\"}\n\n");
    batch_text(batch, buf_view(&b));
    buf_fini(&b);
}

static void reset(struct slot *slot, struct batch *batch)
{
    slot->cursor = slot->room->head;
    slot->room->rooms->counts.resets++;
    say(slot, batch, STR("reset"), true);
}

// Numbered events up to the room's head, as far as they can be had. 0, or -1 if it must go on later.
static int pull_numbers(struct slot *slot, struct batch *batch)
{
    struct room *room = slot->room;
    while (slot->cursor < room->head) {
        if (!batch_has_room(batch))
            return -1;
        if (slot->cursor + 1 < room->kept) {
            reset(slot, batch);
            continue;
        }
        struct frame *frame = numbers_frame(room, slot->cursor + 1);
        if (!frame) {
            slot->hungry = true;
            if (!room->asked_events)
                room_want(room, WANT_EVENTS);
            return -1;
        }
        hand(slot, batch, frame);
    }
    return 0;
}

// The question whose answer will do for this slot: the next one that goes out. A session's texts are known already,
// unless one had to give way.
static void ask_snapshot(struct slot *slot)
{
    struct room *room = slot->room;
    slot->asked = true;
    slot->place = room->ring.end;
    slot->told = 0;
    slot->answer = room->answer;
    bool known = room->kind == ROOM_SESSION && room->steps_known && !texts_evicted(room);
    if (known || room->kind == ROOM_PERSONA)
        return;
    slot->answer = room->question + 1;
    room_want(room, room->kind == ROOM_SESSION ? WANT_STATE : WANT_SNAPSHOT);
}

static int pull_texts(struct slot *slot, struct batch *batch)
{
    for (struct step *step; (step = texts_next(slot->room, slot->told)); slot->told = step->start_seq) {
        if (!batch_has_room(batch))
            return -1;
        struct frame *frame = step_whole(step, str_from(slot->room->spoken));
        batch_frame(batch, frame, frame_whole(frame));
    }
    return 0;
}

static int pull_snapshot(struct slot *slot, struct batch *batch)
{
    struct room *room = slot->room;
    if (!slot->asked)
        ask_snapshot(slot);
    if ((int32_t)(room->answer - slot->answer) < 0 || !batch_has_room(batch))
        return -1;
    if (room->kind == ROOM_SESSION) {
        // Steps are open as of the room's head: where the slot must stand, neither behind nor (told by the door) ahead.
        if (slot->cursor != room->head)
            return -1;
        // Of what waits in the ring the numbers have been handed out, and the pieces of text are in the texts.
        if (slot->told == 0)
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

// A piece of text. For a reader in time it is passed on as it came. For one who is behind, pieces of one step that
// follow on each other become one: what was written since the first of them, or the whole.
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
    if (!step->open || (behind && step->last_at != slot->place)) {
        if (step->open)
            skip(slot, skipped, e);
        return;
    }
    struct str spoken = str_from(slot->room->spoken);
    const struct entry *first = first_of(skipped, step);
    struct frame *frame = e->frame;
    if (step->last_at == slot->place && step->text.generation != e->generation)
        return; // evicted since: the next whole content heals
    if (slot->resync)
        frame = step_whole(step, spoken);
    else if (first && first->generation == e->generation && first->from > 0)
        frame = step_since(step, spoken, first->from, first->offset);
    else if (first)
        frame = step_whole(step, spoken);
    batch_frame(batch, frame, frame_whole(frame));
}

static int pull_live(struct slot *slot, struct batch *batch, bool behind)
{
    struct ring *ring = &slot->room->ring;
    struct skipped skipped = {0};
    behind |= slot->resync;
    for (; slot->place < ring->end; slot->place++) {
        const struct entry *e = ring_at(ring, slot->place);
        if (!batch_has_room(batch)) {
            slot->resync |= skipped.n > 0;
            return -1;
        }
        if (e->numbered && e->number == slot->cursor + 1)
            hand(slot, batch, e->frame);
        else if (e->step)
            hand_text(slot, batch, e, &skipped, behind);
        else if (!e->numbered)
            batch_frame(batch, e->frame, frame_whole(e->frame));
    }
    slot->resync = false;
    return 0;
}

static int pull(struct slot *slot, struct batch *batch, bool behind)
{
    struct room *room = slot->room;
    // Overtaken by the ring, or the room has jumped: on by number, and the present anew.
    bool overtaken = slot->place < room->ring.first || (slot->place == room->ring.end && slot->cursor < room->head);
    if (slot->state == SLOT_LIVE && overtaken) {
        slot->state = SLOT_REPLAY;
        slot->resync = false;
    }
    if (slot->state == SLOT_LIVE)
        return pull_live(slot, batch, behind);
    // What the room keeps may show a text whose deletion it has yet to hear of; never one that the door has seen.
    if (room->head < slot->known)
        return -1;
    int rest = pull_numbers(slot, batch);
    if (slot->state == SLOT_REPLAY && rest == 0) {
        slot->state = SLOT_SNAPSHOT;
        slot->asked = false;
    }
    if (slot->state == SLOT_SNAPSHOT && slot->asked && slot->place < room->ring.first)
        slot->asked = false; // what was to follow the snapshot is gone: ask again
    if (slot->state == SLOT_SNAPSHOT && pull_snapshot(slot, batch) == 0)
        return pull_live(slot, batch, behind);
    return rest;
}

enum feed_outcome feed_pull(struct feed *feed, struct batch *batch, bool behind)
{
    bool had_room = true;
    for (unsigned i = 0; i < feed->n && had_room; i++) {
        struct slot *slot = &feed->slots[i];
        if (slot->state == SLOT_OVER)
            continue;
        (void)pull(slot, batch, behind);
        had_room = batch_has_room(batch);
        if (had_room && slot->room->ended && slot->cursor >= slot->room->ended) {
            say(slot, batch, STR("end"), false);
            part(slot);
        }
    }
    if (feed->live == 0)
        return FEED_OVER;
    return had_room ? FEED_WAITS : FEED_MORE;
}
