// SPDX-License-Identifier: Apache-2.0
#include "relay/followed.h"

#include <assert.h>
#include <stdlib.h>
#include "base/hash.h"
#include "base/id.h"
#include "base/list.h"

enum { FIRST_CAP = 256 };

struct room {
    struct room *same_hash;
    uint32_t hash;
    uint64_t links;
    void *subscription;
    struct link lingering; // in followed->lingering
    int64_t left_ns;
    char name[];
};

struct followed {
    struct followed_hooks hooks;
    uint32_t seed;
    size_t n, cap;
    struct room **at;
    struct list lingering; // rooms that nobody follows, the longest so first
};

struct followed *followed_new(struct followed_hooks hooks)
{
    struct followed *f = mem_zero(sizeof *f);
    f->hooks = hooks;
    id_random(&f->seed, sizeof f->seed);
    f->cap = FIRST_CAP;
    f->at = mem_zero(f->cap * sizeof(struct room *));
    list_init(&f->lingering);
    return f;
}

static struct room **place_of(const struct followed *f, struct str name, uint32_t hash)
{
    struct room **place = &f->at[hash & (f->cap - 1)];
    while (*place && ((*place)->hash != hash || !str_eq(str_from((*place)->name), name)))
        place = &(*place)->same_hash;
    return place;
}

static struct room *find(const struct followed *f, struct str name)
{
    return *place_of(f, name, hash_32_seeded(f->seed, name));
}

static void drop(struct followed *f, struct room *room)
{
    *place_of(f, str_from(room->name), room->hash) = room->same_hash;
    list_leave(&room->lingering);
    f->hooks.unsubscribe(f->hooks.context, room->subscription);
    f->n--;
    free(room);
}

void followed_free(struct followed *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->cap; i++)
        while (f->at[i])
            drop(f, f->at[i]);
    free(f->at);
    free(f);
}

static void grow(struct followed *f)
{
    size_t cap = f->cap * 2;
    struct room **at = mem_zero(cap * sizeof(struct room *));
    for (size_t i = 0; i < f->cap; i++) {
        struct room *next;
        for (struct room *room = f->at[i]; room; room = next) {
            next = room->same_hash;
            room->same_hash = at[room->hash & (cap - 1)];
            at[room->hash & (cap - 1)] = room;
        }
    }
    free(f->at);
    f->at = at;
    f->cap = cap;
}

static struct room *make(struct followed *f, struct str name)
{
    if (f->n >= FOLLOWED_ROOMS_MAX)
        return NULL;
    void *subscription = f->hooks.subscribe(f->hooks.context, name);
    if (!subscription)
        return NULL;
    if (f->n >= f->cap)
        grow(f);
    struct room *room = mem_zero(sizeof *room + name.n + 1);
    memcpy(room->name, name.p, name.n);
    room->hash = hash_32_seeded(f->seed, name);
    room->subscription = subscription;
    struct room **place = &f->at[room->hash & (f->cap - 1)];
    room->same_hash = *place;
    *place = room;
    f->n++;
    return room;
}

int followed_add(struct followed *f, unsigned link, struct str name)
{
    assert(link < FOLLOWED_LINKS_MAX);
    struct room *room = find(f, name);
    if (!room)
        room = make(f, name);
    if (!room)
        return -1;
    room->links |= UINT64_C(1) << link;
    list_leave(&room->lingering);
    return 0;
}

static void leave(struct followed *f, struct room *room, unsigned link, int64_t now_ns)
{
    uint64_t bit = UINT64_C(1) << link;
    if (!(room->links & bit))
        return;
    room->links &= ~bit;
    if (room->links)
        return;
    room->left_ns = now_ns;
    list_join(&f->lingering, &room->lingering);
}

void followed_remove(struct followed *f, unsigned link, struct str name, int64_t now_ns)
{
    assert(link < FOLLOWED_LINKS_MAX);
    struct room *room = find(f, name);
    if (room)
        leave(f, room, link, now_ns);
}

void followed_leave(struct followed *f, unsigned link, int64_t now_ns)
{
    assert(link < FOLLOWED_LINKS_MAX);
    for (size_t i = 0; i < f->cap; i++)
        for (struct room *room = f->at[i]; room; room = room->same_hash)
            leave(f, room, link, now_ns);
}

uint64_t followed_links(const struct followed *f, struct str name)
{
    const struct room *room = find(f, name);
    return room ? room->links : 0;
}

void followed_tidy(struct followed *f, int64_t now_ns)
{
    for (struct link *first; (first = list_first(&f->lingering));) {
        struct room *room = LIST_OWNER(first, struct room, lingering);
        if (now_ns - room->left_ns < FOLLOWED_LINGER_S * INT64_C(1000000000))
            return;
        drop(f, room);
    }
}

size_t followed_count(const struct followed *f)
{
    return f->n;
}
