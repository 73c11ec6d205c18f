// SPDX-License-Identifier: Apache-2.0
#include "cgi/trace_grants.h"

#include "base/hash.h"

// Each hash has a set of WAYS places, of which the oldest is replaced. Whole keys are kept, so one caller never gets
// another's grant.
enum { SETS = 256, WAYS = 4, KEY_MAX = 288 };
static const int64_t LIFE_NS = 5 * INT64_C(1000000000);

static struct place {
    uint16_t key_n;
    char key[KEY_MAX];
    int64_t learnt_ns;
    struct grant grant;
} table[SETS][WAYS];

// Joins the parts of the key, each with a NUL, which none of them contains. -1 if that is longer than any valid key.
static int join(char joined[static KEY_MAX], const struct grant_key *key, size_t *n)
{
    const struct str parts[] = {key->secret, key->workspace, key->session, key->step};
    *n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (*n + parts[i].n + 1 > KEY_MAX)
            return -1;
        memcpy(joined + *n, parts[i].p, parts[i].n);
        *n += parts[i].n;
        joined[(*n)++] = '\0';
    }
    return 0;
}

// The hash only spreads the keys; equality is decided by the whole key.
static struct place *set_of(const char *joined, size_t n)
{
    uint32_t hash = hash_32((struct str){joined, n});
    return table[(hash ^ hash >> 16) % SETS];
}

static struct place *find(struct place set[static WAYS], const char *joined, size_t n)
{
    for (int i = 0; i < WAYS; i++)
        if (set[i].key_n == n && memcmp(set[i].key, joined, n) == 0)
            return &set[i];
    return NULL;
}

bool trace_grants_find(const struct grant_key *key, int64_t now_ns, struct grant *grant)
{
    char joined[KEY_MAX];
    size_t n;
    if (join(joined, key, &n))
        return false;
    const struct place *place = find(set_of(joined, n), joined, n);
    if (!place || now_ns - place->learnt_ns > LIFE_NS)
        return false;
    *grant = place->grant;
    return true;
}

void trace_grants_learn(const struct grant_key *key, int64_t now_ns, const struct grant *grant)
{
    char joined[KEY_MAX];
    size_t n;
    if (join(joined, key, &n))
        return;
    struct place *set = set_of(joined, n);
    struct place *place = find(set, joined, n);
    if (!place) {
        place = set;
        for (int i = 1; i < WAYS; i++)
            if (set[i].learnt_ns < place->learnt_ns)
                place = &set[i];
        memcpy(place->key, joined, n);
        place->key_n = (uint16_t)n;
    }
    place->learnt_ns = now_ns;
    place->grant = *grant;
}
