// Times that a file gives relative to the day it is read, so that an example conversation is never old. Days are UTC's.
#ifndef ADMIN_COMMANDS_WHEN_H
#define ADMIN_COMMANDS_WHEN_H

#include "lib/buf.h"

// Appends the time of day `time` ("HH:MM") `day` days after today, as RFC 3339. 0, or -1 if that is no time of the past
// or of today.
MUST_USE int when_print(struct buf *out, int64_t now_us, int64_t day, struct str time);

// Appends `text` with each {day+N} and {day-N} replaced by that date, "2026-12-01". Other braces stay.
void when_expand(struct buf *out, int64_t now_us, struct str text);

#endif
