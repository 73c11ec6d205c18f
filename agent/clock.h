/*
 * clock: milliseconds of a clock that only goes forward, and random numbers for jitter and ids.
 */
#ifndef AGENT_CLOCK_H
#define AGENT_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void);
/* A random number from 0 up to, not including, `bound` (> 0). */
uint32_t clock_jitter(uint32_t bound);

#endif
