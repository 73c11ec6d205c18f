// SPDX-License-Identifier: Apache-2.0
// What an answer means, and how long to wait before the next attempt. Pure: it has no clock and no randomness of its
// own.
#ifndef EMITTER_EMIT_RETRY_H
#define EMITTER_EMIT_RETRY_H

#include <stdint.h>

enum emit_verdict {
    EMIT_DONE,   // 2xx
    EMIT_AWAY,   // no answer, 408, 429, 502, 503, 504: repeat until the write's deadline
    EMIT_BROKEN, // any other 5xx: repeat EMIT_RETRY_BROKEN times, since the next write waits behind it
    EMIT_REFUSED // all else: repeating would not help
};

#define EMIT_RETRY_BROKEN 5

// A status of 0 means that there was no answer.
enum emit_verdict emit_retry_judge(int status);

// Returns the milliseconds to wait after failure number `attempt` (from 1). The pause grows exponentially from first_ms
// to at most 10 s, and random (0 to UINT32_MAX) picks a value between half of it and the whole. The server's
// Retry-After (negative if there is none) is a lower bound, respected up to 30 s.
int64_t emit_retry_delay(int64_t first_ms, unsigned attempt, int64_t retry_after_ms, uint32_t random);

#endif
