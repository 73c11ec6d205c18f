// SPDX-License-Identifier: Apache-2.0
// The open steps of a session's room and their texts. A part of sse/room.h: only here does `steps` change. Whether the
// steps are known is also changed by room.c, when numbers have been jumped over or the room is no longer followed.
#ifndef SSE_ROOM_STEPS_H
#define SSE_ROOM_STEPS_H

#include "sse/room.h"

enum { ROOM_STEPS_MAX = 16384 };

void room_steps_hint(struct room *room, const struct hint *hint);
// A numbered event has entered the ring or, in a room that is not followed, has been heard of.
void room_steps_applied(struct room *room, const struct room_event *event);
// The answer to a query: the open steps as of `last_seq`.
void room_steps_state(struct room *room, int64_t last_seq, const struct room_open_step *open, unsigned n);
// True if the text of an open step was evicted, so that the checkpoint has to be fetched for a snapshot.
bool room_steps_evicted(const struct room *room);
// The first open step after `start_seq` that has a text, or NULL.
struct step *room_steps_next(const struct room *room, int64_t start_seq);
// The first step after `start_seq` of which a text is known, open or not heard of yet; NULL if there is none.
struct step *room_steps_written(const struct room *room, int64_t start_seq);
void room_steps_forget(struct room *room);
// Gives up the step's text, in whichever room the step is.
void room_steps_evict(struct step *step);

#endif
