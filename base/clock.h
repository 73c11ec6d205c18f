// SPDX-License-Identifier: Apache-2.0
// The two clocks: wall time for people and the database, monotonic time for durations and order on this machine.
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include "base/buf.h"
#include "base/must.h"

enum { CLOCK_TIME_SIZE = 28 };

// Microseconds since 1970-01-01 UTC.
int64_t clock_wall_us(void);
// CLOCK_MONOTONIC in nanoseconds; the same clock in every process of this machine.
int64_t clock_mono_ns(void);
// The same in milliseconds, for timeouts.
int64_t clock_mono_ms(void);

// Reads RFC 3339 with any offset and fraction, down to the microsecond; a leap second is the last one before it. -1:
// the text is no such time, or there is no such day, hour or offset.
MUST_USE int clock_parse(struct str text, int64_t *wall_us);

// Appends RFC 3339 in UTC with milliseconds, "2026-11-22T08:04:53.123Z", without quotes; the second one with
// microseconds.
void clock_print(struct buf *b, int64_t wall_us);
void clock_print_us(struct buf *b, int64_t wall_us);

#endif
