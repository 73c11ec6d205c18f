// SPDX-License-Identifier: Apache-2.0
#include "sse/dialect_room.h"

#include <assert.h>
#include <stdlib.h>
#include "base/json_line.h"

// Readers who are in time stand within a few events of each other.
enum { KEPT_MOST = 32, KEPT_BYTES = 1 << 20 };

struct dialect_room {
    unsigned readers;
    size_t bytes;
    struct dialect_change kept[KEPT_MOST];
    struct frame *passing; // of a change too long to be kept: valid until the next call
    struct dialect_change last;
    char wanted[DIALECT_ID_SIZE]; // "": nothing
    char fetched[DIALECT_ID_SIZE];
    bool is_there; // of the fetched one
    struct buf content;
};

void dialect_room_join(struct dialect_room **room)
{
    if (!*room)
        *room = mem_zero(sizeof **room);
    (*room)->readers++;
}

void dialect_room_leave(struct dialect_room **room)
{
    if (--(*room)->readers > 0)
        return;
    dialect_room_forget(*room);
    free(*room);
    *room = NULL;
}

static void forget_kept(struct dialect_room *room)
{
    for (size_t i = 0; i < KEPT_MOST; i++)
        frame_unref(room->kept[i].frame);
    memset(room->kept, 0, sizeof room->kept);
    room->bytes = 0;
}

void dialect_room_forget(struct dialect_room *room)
{
    forget_kept(room);
    frame_unref(room->passing);
    room->passing = NULL;
    buf_fini(&room->content);
    room->fetched[0] = '\0';
}

static struct dialect_change *place_of(struct dialect_room *room, uint64_t state, uint64_t what)
{
    uint64_t mixed = (state ^ what) * UINT64_C(0x9E3779B97F4A7C15);
    return &room->kept[mixed >> 32 & (KEPT_MOST - 1)];
}

const struct dialect_change *dialect_room_find(struct dialect_room *room, uint64_t state, uint64_t what)
{
    const struct dialect_change *change = place_of(room, state, what);
    return change->what == what && change->state == state && what ? change : NULL;
}

const struct dialect_change *dialect_room_keep(struct dialect_room *room, const struct dialect_change *change)
{
    size_t n = change->frame ? change->frame->n : 0;
    assert(change->what);
    if (n > KEPT_BYTES) {
        frame_unref(room->passing);
        room->passing = change->frame;
        room->last = *change;
        return &room->last;
    }
    if (room->bytes + n > KEPT_BYTES)
        forget_kept(room);
    struct dialect_change *place = place_of(room, change->state, change->what);
    room->bytes -= place->frame ? place->frame->n : 0;
    frame_unref(place->frame);
    *place = *change;
    room->bytes += n;
    return place;
}

bool dialect_room_content(struct dialect_room *room, struct str step, struct str *content)
{
    if (str_eq(step, str_from(room->fetched))) {
        *content = room->is_there ? buf_view(&room->content) : STR_NONE;
        return true;
    }
    // One at a time: whoever wants another one asks again when this has come.
    if (!room->wanted[0] && step.n < sizeof room->wanted) {
        memcpy(room->wanted, step.p, step.n);
        room->wanted[step.n] = '\0';
    }
    return false;
}

struct str dialect_room_wanted(const struct dialect_room *room)
{
    return room->wanted[0] ? str_from(room->wanted) : STR_NONE;
}

void dialect_room_fetched(struct dialect_room *room, struct str step, struct str content)
{
    if (!str_eq(step, str_from(room->wanted)))
        return;
    memcpy(room->fetched, room->wanted, sizeof room->fetched);
    room->wanted[0] = '\0';
    room->is_there = content.p != NULL;
    buf_clear(&room->content);
    buf_reserve(&room->content, json_line_length(content));
    room->content.n = (size_t)(json_line_print(room->content.p, content) - room->content.p);
}
