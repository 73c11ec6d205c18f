#include "sse/room.h"

#include <assert.h>
#include <stdlib.h>
#include "lib/id.h"
#include "sse/feed.h"
#include "sse/numbers.h"
#include "sse/texts.h"

// What a crowded process leaves a room, so that subscribers who are in time stay so.
enum { RING_KEPT = 4 };

static const struct kind {
    const char *word;
    const char *prefix; // of its ids
    bool counted;
} kinds[ROOM_KIND__MAX] = {
    [ROOM_SESSION] = {"session", "ses_", true},     [ROOM_STREAM] = {"stream", "str_", true},
    [ROOM_WORKSPACE] = {"workspace", "ws_", false}, [ROOM_USER] = {"user", "usr_", false},
    [ROOM_PERSONA] = {"persona", "per_", false},
};

// A prefix and 26 upper-case letters and digits: nothing that could mean anything in JSON or on an SSE line.
static bool id_fits(struct str id, struct str prefix)
{
    if (!str_starts(id, prefix) || id.n != prefix.n + ID_ULID)
        return false;
    for (size_t i = prefix.n; i < id.n; i++)
        if (!(id.p[i] >= '0' && id.p[i] <= '9') && !(id.p[i] >= 'A' && id.p[i] <= 'Z'))
            return false;
    return true;
}

static bool side_fits(int kind, struct str side)
{
    return kind == ROOM_USER ? id_fits(side, STR("ws_")) : kind == ROOM_WORKSPACE && str_eq(side, STR("programs"));
}

int room_kind_of(struct str name)
{
    struct str word = str_cut(&name, ':');
    struct str id = str_cut(&name, '.');
    for (int kind = 0; kind < ROOM_KIND__MAX; kind++)
        if (str_eq(word, str_from(kinds[kind].word)))
            return id_fits(id, str_from(kinds[kind].prefix)) && (!name.p || side_fits(kind, name)) ? kind : -1;
    return -1;
}

struct str room_spoken(struct str name)
{
    return str_starts(name, STR("user:")) ? STR("user:me") : str_cut(&name, '.');
}

bool room_is_counted(const struct room *room)
{
    return kinds[room->kind].counted;
}

struct room *room_new(struct rooms *rooms, struct str name)
{
    int kind = room_kind_of(name);
    assert(kind >= 0);
    struct room *room = mem_zero(sizeof *room);
    room->rooms = rooms;
    room->kind = (enum room_kind)kind;
    room->name = mem_dup(name);
    struct str spoken = room_spoken(name);
    room->spoken = str_eq(spoken, name) ? room->name : mem_dup(spoken);
    ring_init(&room->ring, (uint32_t)rooms->limits.ring_events, rooms->limits.ring_bytes / 16);
    return room;
}

void room_free(struct room *room)
{
    assert(room->subs_n == 0);
    list_leave(&room->by_age);
    list_leave(&room->wanting);
    list_leave(&room->stirred);
    list_leave(&room->lingering);
    texts_forget(room);
    numbers_forget(room);
    frame_unref(room->snapshot);
    free(room->subs);
    if (room->spoken != room->name)
        free(room->spoken);
    free(room->name);
    free(room);
}

void room_wake(struct room *room)
{
    for (unsigned i = 0; i < room->subs_n; i++)
        feed_wake(room->subs[i]->feed);
}

// However much happens in a room, its subscribers are woken once a turn.
static void stir(struct room *room)
{
    if (room->subs_n && !list_has(&room->stirred))
        list_join(&room->rooms->stirred, &room->stirred);
}

void room_wake_hungry(struct room *room)
{
    for (unsigned i = 0; i < room->subs_n; i++) {
        if (!room->subs[i]->hungry)
            continue;
        room->subs[i]->hungry = false;
        feed_wake(room->subs[i]->feed);
    }
}

uint64_t room_push(struct room *room, const struct entry *entry)
{
    struct rooms *rooms = room->rooms;
    size_t before = room->ring.bytes;
    uint64_t place = ring_push(&room->ring, entry);
    // Where all rings together are too much, rooms that nobody watches give way, then whoever adds shortens its own.
    bool shorter = true;
    rooms->ring_bytes += room->ring.bytes - before;
    while (rooms->ring_bytes > rooms->limits.ring_bytes && shorter) {
        before = room->ring.bytes;
        shorter = rooms_forget_ring(rooms, room) || ring_shorten(&room->ring, RING_KEPT);
        rooms->ring_bytes -= before - room->ring.bytes;
    }
    stir(room);
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
    stir(room);
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
    room->kept = 0;
}

void room_unfollow(struct room *room)
{
    assert(room->subs_n == 0);
    numbers_forget(room);
    list_leave(&room->lingering);
    room->followed = room->steps_known = false;
    room->wants = 0;
    room->ended = 0;
    room->asked_events = room->asked_state = room->asked_snapshot = false;
    list_leave(&room->wanting);
}

void room_subscribe(struct room *room, struct slot *slot, int64_t head)
{
    if (!room->followed)
        follow(room, head);
    if (room->subs_n == 0) {
        list_leave(&room->by_age);
        list_leave(&room->lingering);
        room->rooms->watched++;
        // What came between the door's reading and now went unheard.
        if (room_is_counted(room))
            room_want(room, WANT_STATE);
    }
    if (room->subs_n == room->subs_cap) {
        room->subs_cap = room->subs_cap ? room->subs_cap * 2 : 2;
        room->subs = mem_grow(room->subs, room->subs_cap * sizeof(struct slot *));
    }
    slot->index = room->subs_n;
    room->subs[room->subs_n++] = slot;
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
    room->unwatched_since = room->rooms->now;
    list_leave(&room->stirred);
    list_join(&room->rooms->unwatched, &room->by_age);
    list_join(&room->rooms->followed, &room->lingering);
}

static void hear_unfollowed(struct room *room, const struct hint *hint)
{
    if (hint->flags & (HINT_CONTENT | HINT_DELTA))
        texts_hint(room, hint);
    else if (hint->seq)
        texts_applied(room, &(struct room_event){hint->seq, hint->flags, hint->start_seq, hint->step, NULL});
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
        texts_hint(room, hint);
        return;
    }
    if (hint->seq == 0 && (hint->flags & HINT_FORGETS)) {
        numbers_forget_printed(room);
        return;
    }
    if (hint->seq == 0 || !room_is_counted(room)) {
        tell(room, hint->name, hint->body);
        return;
    }
    struct room_event event = {hint->seq, hint->flags, hint->start_seq, hint->step, NULL};
    if (hint->body.n && hint->seq > room->head) {
        event.frame = frame_event(hint->seq, hint->name, hint->body);
        event.frame->stamp = hint->stamp;
    }
    numbers_event(room, &event);
    frame_unref(event.frame);
}

// Events of one name about one thing begin alike, up to its id.
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

// Of those who wait for old events the next in turn, and with it all who stand a little before it: one question for
// many who come back at once.
static int64_t oldest_cursor(struct room *room)
{
    int64_t next = -1;
    for (unsigned i = 0; i < room->subs_n && next < 0; i++) {
        const struct slot *slot = room->subs[(room->turn + i) % room->subs_n];
        if (slot->hungry && slot->cursor < room->head) {
            next = slot->cursor;
            room->turn = (room->turn + i + 1) % room->subs_n;
        }
    }
    int64_t oldest = next;
    for (unsigned i = 0; i < room->subs_n && next >= 0; i++) {
        const struct slot *slot = room->subs[i];
        if (slot->hungry && slot->cursor < oldest && slot->cursor >= next - ROOM_PAGE_MAX / 4)
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
    room->hole_seen = 0;
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
        room->question++;
}

void room_ask_snapshot(struct room *room)
{
    room->wants &= ~(unsigned)WANT_SNAPSHOT;
    room->asked_snapshot = true;
    room->question++;
}

void room_state(struct room *room, int64_t last_seq, bool ended, const struct room_open_step *open, unsigned n)
{
    room->asked_state = false;
    room_expect(room, last_seq);
    if (ended)
        room->ended = last_seq;
    if (room->kind == ROOM_SESSION) {
        texts_state(room, last_seq, open, n);
        room->answer = room->question;
    }
    stir(room);
}

void room_snapshot(struct room *room, struct frame *frame)
{
    room->asked_snapshot = false;
    room->answer = room->question;
    frame_unref(room->snapshot);
    room->snapshot = frame_ref(frame);
    stir(room);
}

void room_unasked(struct room *room)
{
    unsigned again = (room->asked_events ? WANT_EVENTS : 0u) | (room->asked_state ? WANT_STATE : 0u) |
                     (room->asked_snapshot ? WANT_SNAPSHOT : 0u);
    room->asked_events = room->asked_state = room->asked_snapshot = false;
    if (again && room->followed)
        room_want(room, again);
}
