#include "lib/id.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include "lib/clock.h"

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

void id_new(char id[static ID_SIZE], const char prefix[static 4])
{
    uint64_t time = (uint64_t)(clock_wall_us() / 1000);
    unsigned char random[16];
    id_random(random, sizeof random);
    memcpy(id, prefix, 3);
    id[3] = '_';
    char *digit = id + 4;
    for (int i = 9; i >= 0; i--, time >>= 5)
        digit[i] = crockford[time & 31];
    for (int i = 0; i < 16; i++)
        digit[10 + i] = crockford[random[i] & 31];
    digit[ID_ULID] = '\0';
}

bool id_valid(struct str text, const char *prefix)
{
    if (text.n != ID_SIZE - 1 || memcmp(text.p, prefix, 3) != 0 || text.p[3] != '_' || text.p[4] > '7')
        return false;
    for (size_t i = 4; i < text.n; i++)
        if (text.p[i] == '\0' || !strchr(crockford, text.p[i]))
            return false;
    return true;
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
