// SPDX-License-Identifier: Apache-2.0
#include "sse/feed_dialect.h"

#include "sse/dialect.h"
#include "sse/room.h"

void feed_dialect_join(struct slot *slot, enum dialect dialect)
{
    slot->dialect = dialect_reader_new(dialect);
    dialect_room_join(&slot->room->dialects);
}

void feed_dialect_leave(struct slot *slot)
{
    if (!slot->dialect)
        return;
    dialect_reader_free(slot->dialect);
    slot->dialect = NULL;
    dialect_room_leave(&slot->room->dialects);
}

static void hand(struct batch *batch, struct frame *take_frame)
{
    if (take_frame)
        batch_frame(batch, take_frame, frame_whole(take_frame));
    frame_unref(take_frame);
}

int feed_dialect_event(struct slot *slot, struct batch *batch, struct frame *event)
{
    struct frame *said;
    struct room *room = slot->room;
    if (dialect_hear(slot->dialect, room->dialects, event, &said)) {
        if (!room->asked_content)
            room_want(room, WANT_CONTENT);
        return -1;
    }
    if (said)
        said->stamp_ns = event->stamp_ns;
    hand(batch, said);
    return 0;
}

void feed_dialect_text(struct slot *slot, struct batch *batch, const struct step *step)
{
    hand(batch, dialect_hear_text(slot->dialect, slot->room->dialects, step));
}

bool feed_dialect_settle(struct slot *slot, struct batch *batch)
{
    struct room *room = slot->room;
    // Behind the number that the door has seen there may be more; behind the room's head there is, on its way.
    if (slot->cursor < room->head || room->head < room->target || slot->cursor < slot->known)
        return false;
    hand(batch, dialect_settle(slot->dialect, room->dialects));
    if (!dialect_is_over(slot->dialect) && room->ended && slot->cursor >= room->ended)
        hand(batch, dialect_give_up(slot->dialect));
    return dialect_is_over(slot->dialect);
}
