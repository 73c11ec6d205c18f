// SPDX-License-Identifier: Apache-2.0
#include "sse/rooms.h"

#include <stdlib.h>
#include "base/hash.h"
#include "sse/room_events.h"
#include "sse/room.h"
#include "sse/room_steps.h"

enum { ROOMS_CAP_LEAST = 1024 };
static const int64_t PAGE_UNUSED_NS = 3 * INT64_C(1000000000);
static const int64_t TEXT_UNUSED_NS = 600 * INT64_C(1000000000);

void rooms_init(struct rooms *rooms, const struct rooms_limits *limits, uint32_t seed)
{
    *rooms = (struct rooms){.limits = *limits, .seed = seed, .cap = ROOMS_CAP_LEAST};
    rooms->at = mem_zero(rooms->cap * sizeof(struct room *));
    list_init(&rooms->unwatched);
    list_init(&rooms->wanting);
    list_init(&rooms->dirty);
    list_init(&rooms->followed);
    list_init(&rooms->ending);
    list_init(&rooms->paged);
    list_init(&rooms->texts);
    write_queue_init(&rooms->write_queue);
}

static void drop(struct rooms *rooms, struct room *room)
{
    struct room **from = &rooms->at[room->hash & (rooms->cap - 1)];
    while (*from != room)
        from = &(*from)->same_hash;
    *from = room->same_hash;
    rooms->n--;
    room_free(room);
}

void rooms_fini(struct rooms *rooms)
{
    for (size_t i = 0; i < rooms->cap; i++)
        while (rooms->at[i])
            drop(rooms, rooms->at[i]);
    free(rooms->at);
}

// Strangers choose the ids but do not know the seed. The table takes the low bits, so the high ones are folded in.
static uint32_t hash_of(const struct rooms *rooms, struct str name)
{
    uint32_t h = hash_32_seeded(rooms->seed, name);
    return h ^ h >> 15;
}

static struct room *find(const struct rooms *rooms, struct str name, uint32_t h)
{
    struct room *room = rooms->at[h & (rooms->cap - 1)];
    while (room && !(room->hash == h && str_eq(str_from(room->name), name)))
        room = room->same_hash;
    return room;
}

struct room *rooms_find(const struct rooms *rooms, struct str name)
{
    return find(rooms, name, hash_of(rooms, name));
}

static void grow(struct rooms *rooms)
{
    size_t cap = rooms->cap * 2;
    struct room **at = mem_zero(cap * sizeof(struct room *));
    for (size_t i = 0; i < rooms->cap; i++) {
        struct room *next;
        for (struct room *room = rooms->at[i]; room; room = next) {
            next = room->same_hash;
            room->same_hash = at[room->hash & (cap - 1)];
            at[room->hash & (cap - 1)] = room;
        }
    }
    free(rooms->at);
    rooms->at = at;
    rooms->cap = cap;
}

struct room *rooms_get(struct rooms *rooms, struct str name)
{
    uint32_t h = hash_of(rooms, name);
    struct room *room = find(rooms, name, h);
    struct room_name parsed;
    if (room || room_name_parse(name, &parsed))
        return room;
    if (rooms->n >= rooms->limits.rooms) {
        struct link *oldest = list_first(&rooms->unwatched);
        if (!oldest)
            return NULL;
        drop(rooms, LIST_OWNER(oldest, struct room, by_age));
    }
    if (rooms->n >= rooms->cap)
        grow(rooms);
    room = room_new(rooms, name);
    room->hash = h;
    room->same_hash = rooms->at[h & (rooms->cap - 1)];
    rooms->at[h & (rooms->cap - 1)] = room;
    rooms->n++;
    room->unwatched_since_ns = rooms->now_ns;
    list_join(&rooms->unwatched, &room->by_age);
    return room;
}

bool rooms_have_place(const struct rooms *rooms, size_t more)
{
    return rooms->watched + more <= rooms->limits.rooms;
}

void rooms_hint(struct rooms *rooms, const struct hint *hint)
{
    bool is_text = hint->flags & (HINT_CONTENT | HINT_DELTA);
    struct room *room = is_text ? rooms_get(rooms, hint->room) : rooms_find(rooms, hint->room);
    if (!room)
        return;
    room_hint(room, hint);
    if (room->followed)
        return;
    if (room->steps_n == 0) {
        drop(rooms, room);
        return;
    }
    list_leave(&room->by_age);
    list_join(&rooms->unwatched, &room->by_age);
    room->unwatched_since_ns = rooms->now_ns;
    room_tell_interest(room);
}

void rooms_written(struct rooms *rooms, struct str name)
{
    struct room *room = rooms->interest ? rooms_find(rooms, name) : NULL;
    if (room)
        room_written(room);
}

void rooms_wake(struct rooms *rooms)
{
    for (struct link *link; (link = list_take(&rooms->dirty));)
        room_wake(LIST_OWNER(link, struct room, dirty));
}

bool rooms_forget_ring(struct rooms *rooms, const struct room *except)
{
    struct link *link = rooms->followed.head.next;
    if (link == &except->lingering)
        link = link->next;
    if (link == &rooms->followed.head)
        return false;
    room_unfollow(LIST_OWNER(link, struct room, lingering));
    return true;
}

static void tidy_pages(struct rooms *rooms)
{
    struct link *link = rooms->paged.head.next;
    while (link != &rooms->paged.head) {
        struct room *room = LIST_OWNER(link, struct room, paged);
        link = link->next;
        if (rooms->now_ns - room->page_used_ns > PAGE_UNUSED_NS)
            room_events_forget_page(room);
    }
}

static void ask_for_ends(struct rooms *rooms)
{
    struct link *link = rooms->ending.head.next;
    while (link != &rooms->ending.head) {
        struct room *room = LIST_OWNER(link, struct room, ending);
        link = link->next;
        if (room->ends_at_ns > rooms->now_ns)
            continue;
        list_leave(&room->ending);
        room_want(room, WANT_STATE);
    }
}

// A room that is not followed is kept for its texts, which exist nowhere else in full: longer, but not for ever.
void rooms_tidy(struct rooms *rooms, int64_t before_ns)
{
    tidy_pages(rooms);
    ask_for_ends(rooms);
    struct link *link = rooms->unwatched.head.next;
    while (link != &rooms->unwatched.head) {
        struct room *room = LIST_OWNER(link, struct room, by_age);
        link = link->next;
        if (room->unwatched_since_ns >= before_ns)
            return;
        room_tell_interest(room);
        if (room->followed)
            room_unfollow(room);
        if (room->steps_n == 0 || room->unwatched_since_ns < before_ns - TEXT_UNUSED_NS)
            drop(rooms, room);
    }
}

void rooms_discharge(struct rooms *rooms, struct step *step)
{
    rooms->text_bytes -= step->charged;
    step->charged = 0;
    list_leave(&step->by_age);
}

void rooms_charge(struct rooms *rooms, struct step *step)
{
    rooms_discharge(rooms, step);
    step->charged = text_memory(&step->text);
    rooms->text_bytes += step->charged;
    if (step->charged)
        list_join(&rooms->texts, &step->by_age);
    while (rooms->text_bytes > rooms->limits.text_bytes && list_first(&rooms->texts) != &step->by_age)
        room_steps_evict(LIST_OWNER(list_first(&rooms->texts), struct step, by_age));
}
