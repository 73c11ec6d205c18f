// SPDX-License-Identifier: Apache-2.0
// The numbered events of a room: duplicates are dropped, n+1 is delivered after n, and what is above a hole is held
// until the hole is filled from the database. A part of sse/room.h: only here does `head` move on while a room is
// followed, and only here are events held, paged and put into the ring by number. room.c starts and ends the following.
#ifndef SSE_ROOM_EVENTS_H
#define SSE_ROOM_EVENTS_H

#include "sse/room.h"

// A hint has told of the event. Its frame gets a reference where it is kept; an event without a frame was too long for
// a hint, so its row is read.
void room_events_heard(struct room *room, const struct room_event *event);
// The answer to a query for events: rows above `above`, in order. `complete`: when they were read there were no more.
void room_events_fetched(struct room *room, int64_t above, const struct room_event *rows, unsigned n, bool complete);
// The frame of that event, or NULL if it has to be fetched.
struct frame *room_events_frame(struct room *room, int64_t number);
void room_events_forget_page(struct room *room);
void room_events_forget(struct room *room);
// A text that any event of the room may show was deleted in another room, so events are read again when they are
// wanted.
void room_events_forget_printed(struct room *room);
// The database has gone back to `number`, as after a recovery that lost commits: numbers above it will be given again.
// Every reader is told to load the room anew.
void room_events_fell(struct room *room, int64_t number);

// Whether a reader at `cursor` lacks events that nobody can give it any more: they are pruned, or the counter has
// fallen.
bool room_events_lost(const struct room *room, int64_t cursor);

#endif
