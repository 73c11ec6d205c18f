// The numbered events of a room: duplicates dropped, n+1 delivered after n, what is above a hole held until the hole is
// filled from the database. Part of sse/room.h, whose fields it owns: head, target, kept, held, page, ring.
#ifndef SSE_NUMBERS_H
#define SSE_NUMBERS_H

#include "sse/room.h"

// A hint's event. Its frame is ref'ed where it is kept; without one (too long for a hint) the row must be read.
void numbers_event(struct room *room, const struct room_event *event);
// Rows above `above`, in order. `complete`: nothing was behind the last one when they were read.
void numbers_fetched(struct room *room, int64_t above, const struct room_event *rows, unsigned n, bool complete);
// The frame of that event, or NULL if it must be asked for.
struct frame *numbers_frame(struct room *room, int64_t number);
void numbers_forget_page(struct room *room);
void numbers_forget(struct room *room);
// A text that any event of the room may show was deleted elsewhere: all of them are read again when they are wanted.
void numbers_forget_printed(struct room *room);

#endif
