// The open steps of a session's room and their texts. Part of sse/room.h, whose fields it owns: steps, steps_known.
#ifndef SSE_TEXTS_H
#define SSE_TEXTS_H

#include "sse/room.h"

enum { TEXTS_STEPS_MAX = 16384 };

void texts_hint(struct room *room, const struct hint *hint);
// A numbered event has entered the ring (or, in a room that is not followed, has been heard of).
void texts_applied(struct room *room, const struct room_event *event);
// The open steps as the database had them when the room's counter was `last_seq`.
void texts_state(struct room *room, int64_t last_seq, const struct room_open_step *open, unsigned n);
// True if an open step's text had to give way: the snapshot is the checkpoint, which must be asked for.
bool texts_evicted(const struct room *room);
// The first open step after `start_seq` that has a text; NULL if there is none.
struct step *texts_next(const struct room *room, int64_t start_seq);
void texts_forget(struct room *room);
// One step of whatever room gives its text away.
void texts_evict(struct step *step);

#endif
