// SPDX-License-Identifier: Apache-2.0
// One reader of a session's room in another dialect (wire/dialect.h): it hears the room's events from the first one on,
// and says them in its protocol. A text is said once: of a text that grows only what is new, however it came. What it
// says depends on its state alone, so readers in the same state share the frames (sse/dialect_room.h). Pure.
#ifndef SSE_DIALECT_H
#define SSE_DIALECT_H

#include "sse/dialect_room.h"
#include "sse/step.h"
#include "wire/dialect.h"

struct dialect_reader;

struct dialect_reader *dialect_reader_new(enum dialect dialect);
void dialect_reader_free(struct dialect_reader *reader);
// The end of the session has been said.
bool dialect_is_over(const struct dialect_reader *reader);

// Hears a numbered event. *said is what it is in the dialect, or NULL; the caller owns a reference. 0, or -1 if the
// content of its step has to be fetched first: it is wanted then, and the event is to be heard again.
MUST_USE int dialect_hear(struct dialect_reader *reader, struct dialect_room *room, struct frame *event,
                          struct frame **said);
// Hears the text of an open step as it is now; returns as `said`.
struct frame *dialect_hear_text(struct dialect_reader *reader, struct dialect_room *room, const struct step *step);
// Everything there is has been heard. If the session has ended that is said now, not before: steps that came late stand
// behind its end.
struct frame *dialect_settle(struct dialect_reader *reader, struct dialect_room *room);

// The room is over, whatever has been said: returns the reader's last word.
struct frame *dialect_give_up(struct dialect_reader *reader);

// The stream ends although its session may go on.
struct frame *dialect_failure(enum dialect dialect, struct str code, struct str message);
// Lines of the reply's head, each with CRLF.
struct str dialect_headers(enum dialect dialect);

#endif
