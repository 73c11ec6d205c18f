// SPDX-License-Identifier: Apache-2.0
#include "sse/quota.h"

#include <assert.h>
#include <stdlib.h>
#include "base/hash.h"
#include "sse/principals.h"

// There are at most as many entries as streams, some ten thousand, so that chains are short without growing the table.
enum { BUCKETS = 4096 };

struct entry {
    struct entry *next;
    uint32_t streams; // never 0
    char principal[SUBSCRIPTION_PRINCIPAL_SIZE];
};

struct quota {
    struct quota_limits limits;
    size_t n;
    struct entry *buckets[BUCKETS];
};

struct quota *quota_new(struct quota_limits limits)
{
    struct quota *quota = mem_zero(sizeof *quota);
    quota->limits = limits;
    return quota;
}

void quota_free(struct quota *quota)
{
    if (!quota)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct entry *entry = quota->buckets[i], *next; entry; entry = next) {
            next = entry->next;
            free(entry);
        }
    free(quota);
}

static const struct str share = {"shr_", 4};

static bool is_of_share(const char *principals)
{
    for (const char *at = principals; at && *at; at += strlen(at) + 1)
        if (str_starts(str_from(at), share))
            return true;
    return false;
}

// 0: such a principal is not counted.
static uint32_t most_of(const struct quota *quota, struct str principal, bool of_share)
{
    if (str_starts(principal, STR("usr_")))
        return of_share ? 0 : quota->limits.person;
    if (str_starts(principal, STR("tok_")) || str_starts(principal, share))
        return quota->limits.token;
    return str_starts(principal, STR(PRINCIPALS_NETWORK)) ? quota->limits.network : 0;
}

// Where the principal's entry is, or would be: at the end of its chain. Ids hold random bits, and the door signs only
// ids that the database knows, so nobody chooses them for their hash; whoever has many networks to choose from makes
// chains no longer than the number of streams allows.
static struct entry **place_of(struct quota *quota, struct str principal)
{
    struct entry **place = &quota->buckets[hash_32(principal) % BUCKETS];
    while (*place && !str_eq(str_from((*place)->principal), principal))
        place = &(*place)->next;
    return place;
}

static uint32_t streams_of(const struct quota *quota, struct str principal)
{
    for (const struct entry *entry = quota->buckets[hash_32(principal) % BUCKETS]; entry; entry = entry->next)
        if (str_eq(str_from(entry->principal), principal))
            return entry->streams;
    return 0;
}

static bool has_most(const struct quota *quota, struct str principal, bool of_share)
{
    uint32_t most = most_of(quota, principal, of_share);
    return most && streams_of(quota, principal) >= most;
}

bool quota_is_full(const struct quota *quota, const struct subscription *subscription)
{
    bool of_share = false;
    for (unsigned i = 0; i < subscription->principals_n; i++)
        of_share |= str_starts(subscription->principals[i], share);
    struct buf network = {0};
    principals_network(&network, subscription->address);
    bool is_full = has_most(quota, buf_view(&network), of_share);
    buf_fini(&network);
    for (unsigned i = 0; i < subscription->principals_n; i++)
        is_full |= has_most(quota, subscription->principals[i], of_share);
    return is_full;
}

void quota_take(struct quota *quota, const char *principals)
{
    bool of_share = is_of_share(principals);
    for (const char *at = principals; at && *at; at += strlen(at) + 1) {
        struct str principal = str_from(at);
        if (!most_of(quota, principal, of_share))
            continue;
        struct entry **place = place_of(quota, principal);
        if (!*place) {
            *place = mem_zero(sizeof **place);
            assert(principal.n < SUBSCRIPTION_PRINCIPAL_SIZE);
            memcpy((*place)->principal, principal.p, principal.n);
            quota->n++;
        }
        (*place)->streams++;
    }
}

void quota_give(struct quota *quota, const char *principals)
{
    bool of_share = is_of_share(principals);
    for (const char *at = principals; at && *at; at += strlen(at) + 1) {
        if (!most_of(quota, str_from(at), of_share))
            continue;
        struct entry **place = place_of(quota, str_from(at)), *entry = *place;
        assert(entry);
        if (--entry->streams)
            continue;
        *place = entry->next;
        quota->n--;
        free(entry);
    }
}

size_t quota_count(const struct quota *quota)
{
    return quota->n;
}
