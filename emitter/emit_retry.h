/* What an answer means, and how long to wait before the next attempt. Pure: no clock, no randomness of its own. */
#ifndef EMITTER_EMIT_RETRY_H
#define EMITTER_EMIT_RETRY_H

#include <stdint.h>

enum emit_verdict {
    EMIT_DONE,   /* 2xx */
    EMIT_AWAY,   /* no answer, 408, 429, 502, 503, 504: repeat until the write's deadline */
    EMIT_BROKEN, /* any other 5xx: repeat EMIT_RETRY_BROKEN times, since the next write waits behind it */
    EMIT_REFUSED /* all else: repeating would not help */
};

#define EMIT_RETRY_BROKEN 5

/* status 0 is no answer. */
enum emit_verdict emit_retry_judge(int status);

/*
 * Milliseconds to wait after the failure number attempt (from 1): exponential from first_ms to at most 10 s, from half
 * of it to the whole by random (0 to UINT32_MAX). The server's Retry-After (negative: none) is a lower bound, believed
 * up to 30 s.
 */
int64_t emit_retry_delay(int64_t first_ms, unsigned attempt, int64_t retry_after_ms, uint32_t random);

#endif
