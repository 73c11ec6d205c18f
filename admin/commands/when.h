// SPDX-License-Identifier: Apache-2.0
// Times that a file gives relative to the day on which it is read, so that an example conversation is never old. Days
// are those of UTC.
#ifndef ADMIN_COMMANDS_WHEN_H
#define ADMIN_COMMANDS_WHEN_H

#include "base/buf.h"

// Appends the time of day `time` ("HH:MM") `day` days after today, as RFC 3339. Returns 0, or -1 if that is no time of
// day, or `day` is in the future.
MUST_USE int when_print(struct buf *out, int64_t now_us, int64_t day, struct str time);

// Appends `text` with each {day+N} and {day-N} replaced by that date, "2026-12-01". Other braces stay.
void when_expand(struct buf *out, int64_t now_us, struct str text);

// "90d", "36h", "15m" or "30s", of at most a century. 0, or -1.
MUST_USE int when_age(const char *text, int64_t *seconds);

#endif
