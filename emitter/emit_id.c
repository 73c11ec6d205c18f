// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_id.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "emitter/agenttrace.h"

#define ULID_LENGTH 26

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void trace_id_new(char out[TRACE_ID_SIZE], const char *prefix)
{
    unsigned char bytes[16];
    struct timespec now;
    size_t n = strlen(prefix);
    assert(n + ULID_LENGTH < TRACE_ID_SIZE);

    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    for (int i = 0; i < 6; i++)
        bytes[i] = (unsigned char)(ms >> (40 - 8 * i));
    if (getrandom(bytes + 6, 10, 0) != 10)
        abort();

    memcpy(out, prefix, n);
    // 26 digits of 5 bits hold 130: the first digit has the top 3 bits only.
    for (int digit = 0; digit < ULID_LENGTH; digit++) {
        unsigned value = 0;
        for (int bit = digit * 5 - 2; bit < digit * 5 + 3; bit++)
            value = value << 1 | (bit < 0 ? 0u : (unsigned)bytes[bit / 8] >> (7 - bit % 8) & 1u);
        out[n + (size_t)digit] = alphabet[value];
    }
    out[n + ULID_LENGTH] = '\0';
}

bool emit_id_is(const char *text, const char *prefix)
{
    size_t n = strlen(prefix);
    if (!text || strncmp(text, prefix, n) != 0 || strlen(text + n) != ULID_LENGTH)
        return false;
    return text[n] <= '7' && strspn(text + n, alphabet) == ULID_LENGTH;
}
