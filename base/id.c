// SPDX-License-Identifier: Apache-2.0
#include "base/id.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include "base/clock.h"

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void id_random(void *p, size_t n)
{
    char *at = p;
    while (n) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        at += got;
        n -= (size_t)got;
    }
}

uint32_t id_random_below(uint32_t bound)
{
    uint32_t random;
    id_random(&random, sizeof random);
    return (uint32_t)((uint64_t)random * bound >> 32);
}

void id_new(char id[static ID_SIZE], const char *prefix)
{
    uint64_t time = (uint64_t)(clock_wall_us() / 1000);
    unsigned char random[16];
    id_random(random, sizeof random);
    size_t n = strlen(prefix);
    assert(n <= 3);
    memcpy(id, prefix, n);
    id[n] = '_';
    char *digit = id + n + 1;
    for (int i = 9; i >= 0; i--, time >>= 5)
        digit[i] = crockford[time & 31];
    for (int i = 0; i < 16; i++)
        digit[10 + i] = crockford[random[i] & 31];
    digit[ID_ULID] = '\0';
}

bool id_valid(struct str text, const char *prefix)
{
    size_t n = strlen(prefix);
    if (text.n != n + 1 + ID_ULID || memcmp(text.p, prefix, n) != 0 || text.p[n] != '_' || text.p[n + 1] > '7')
        return false;
    for (size_t i = n + 1; i < text.n; i++)
        if (text.p[i] == '\0' || !strchr(crockford, text.p[i]))
            return false;
    return true;
}

bool id_is_ours(struct str text)
{
    static const char *const prefixes[] = {"inv", "lgn", "msg", "per", "rat", "ses", "shr",
                                           "stp", "str", "tok", "usr", "whk", "ws"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (id_valid(text, prefixes[i]))
            return true;
    return false;
}

int64_t id_time_ms(struct str id)
{
    int64_t time = 0;
    for (size_t i = id.n - ID_ULID; i < id.n - ID_ULID + 10; i++)
        time = time << 5 | (strchr(crockford, id.p[i]) - crockford);
    return time;
}

void id_secret(struct buf *b, size_t n)
{
    static const char url64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t done = 0; done < n; done += 3) {
        unsigned char r[3];
        id_random(r, sizeof r);
        uint32_t bits = (uint32_t)r[0] << 16 | (uint32_t)r[1] << 8 | r[2];
        size_t digits = n - done >= 3 ? 4 : n - done + 1;
        for (size_t i = 0; i < digits; i++)
            buf_char(b, url64[bits >> (18 - 6 * i) & 63]);
    }
}
