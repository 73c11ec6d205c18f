// The two clocks: wall time for people and the database, monotonic time for durations and order on this machine.
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>
#include "lib/buf.h"

enum { CLOCK_TIME_SIZE = 25 };

// Microseconds since 1970-01-01 UTC.
int64_t clock_wall_us(void);
// CLOCK_MONOTONIC in nanoseconds; the same clock in every process of this machine.
int64_t clock_mono_ns(void);

// Appends RFC 3339 in UTC with milliseconds, "2026-11-22T08:04:53.123Z", without quotes.
void clock_print(struct buf *b, int64_t wall_us);

#endif
