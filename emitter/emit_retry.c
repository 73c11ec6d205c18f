// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_retry.h"

#include <stddef.h>

#define MOST_MS 10000
#define BELIEVED_MS 30000

enum emit_verdict emit_retry_judge(int status)
{
    static const int away[] = {0, 408, 429, 502, 503, 504};
    for (size_t i = 0; i < sizeof away / sizeof away[0]; i++)
        if (status == away[i])
            return EMIT_AWAY;
    if (status >= 200 && status < 300)
        return EMIT_DONE;
    return status >= 500 && status < 600 ? EMIT_BROKEN : EMIT_REFUSED;
}

int64_t emit_retry_delay(int64_t first_ms, unsigned attempt, int64_t retry_after_ms, uint32_t random)
{
    int64_t delay = first_ms;
    for (unsigned i = 1; i < attempt && delay < MOST_MS; i++)
        delay *= 2;
    if (delay > MOST_MS)
        delay = MOST_MS;
    delay = delay / 2 + (int64_t)((uint64_t)random * (uint64_t)(delay / 2) >> 32);
    if (retry_after_ms > BELIEVED_MS)
        retry_after_ms = BELIEVED_MS;
    // Jitter stays above what the server asked for: it is a promise not to come earlier.
    return retry_after_ms > delay ? retry_after_ms + delay / 4 : delay;
}
