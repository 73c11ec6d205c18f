// SPDX-License-Identifier: Apache-2.0
// What the readers of dialects in one room share, while there are any: the frames that were printed for one of them and
// that others in the same position need too, and a content that was too long for its event and is fetched whole. Pure.
#ifndef SSE_DIALECT_ROOM_H
#define SSE_DIALECT_ROOM_H

#include "sse/dialect_parts.h"
#include "sse/frame.h"

struct dialect_room;

// Counts a reader more or less; the first one makes *room, the last one frees it.
void dialect_room_join(struct dialect_room **room);
void dialect_room_leave(struct dialect_room **room);
// A text was deleted: forgets whatever was printed before.
void dialect_room_forget(struct dialect_room *room);

enum dialect_effect {
    DIALECT_NOTHING,
    DIALECT_STARTS, // the run has been announced
    DIALECT_OPENS,  // `open` is open from now on
    DIALECT_ALTERS, // `open` replaces the step with its id
    DIALECT_CLOSES, // the step with the id of `open` is no longer open
    DIALECT_ENDS,   // nothing follows
};

// What an event is to a reader in a certain state: bytes, and another state.
struct dialect_change {
    uint64_t state;      // of the reader before it
    uint64_t what;       // the event
    struct frame *frame; // NULL: it says nothing
    enum dialect_effect effect;
    bool starts; // beside its effect: the run has been announced
    struct dialect_open open;
};

// The change if somebody has made it already; else NULL. Valid until the next call of either function.
const struct dialect_change *dialect_room_find(struct dialect_room *room, uint64_t state, uint64_t what);
// Keeps the change, whose frame it takes over.
const struct dialect_change *dialect_room_keep(struct dialect_room *room, const struct dialect_change *change);

// The whole content of the step, printed as one line. False if it is not known yet: then it is wanted from now on.
// Absent: there is none any more.
bool dialect_room_content(struct dialect_room *room, struct str step, struct str *content);
// The step whose content is to be fetched, or STR_NONE.
struct str dialect_room_wanted(const struct dialect_room *room);
void dialect_room_fetched(struct dialect_room *room, struct str step, struct str content);

#endif
