#include "cgi/trace_grants.h"

// A set of WAYS places for each hash; the oldest of them gives way. Keys are kept whole: a grant is never another's.
enum { SETS = 256, WAYS = 4, KEY_MAX = 288 };
static const int64_t LIFE_NS = 5 * INT64_C(1000000000);

static struct place {
    uint16_t key_n;
    char key[KEY_MAX];
    int64_t learnt;
    struct grant grant;
} table[SETS][WAYS];

// The parts one behind the other, each with a NUL, which none of them contains. -1 if they are longer than any that is
// valid.
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

// FNV-1a: it only spreads; equality is decided by the whole key.
static struct place *set_of(const char *joined, size_t n)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)joined[i]) * 16777619u;
    return table[(hash ^ hash >> 16) % SETS];
}

static struct place *find(struct place set[static WAYS], const char *joined, size_t n)
{
    for (int i = 0; i < WAYS; i++)
        if (set[i].key_n == n && memcmp(set[i].key, joined, n) == 0)
            return &set[i];
    return NULL;
}

bool trace_grants_find(const struct grant_key *key, int64_t now, struct grant *grant)
{
    char joined[KEY_MAX];
    size_t n;
    if (join(joined, key, &n))
        return false;
    const struct place *place = find(set_of(joined, n), joined, n);
    if (!place || now - place->learnt > LIFE_NS)
        return false;
    *grant = place->grant;
    return true;
}

void trace_grants_learn(const struct grant_key *key, int64_t now, const struct grant *grant)
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
            if (set[i].learnt < place->learnt)
                place = &set[i];
        memcpy(place->key, joined, n);
        place->key_n = (uint16_t)n;
    }
    place->learnt = now;
    place->grant = *grant;
}
