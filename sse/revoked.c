// SPDX-License-Identifier: Apache-2.0
#include "sse/revoked.h"

#include <stdlib.h>
#include "base/hash.h"

enum { CAP_LEAST = 16, NONE = -1 };

struct revocation {
    char principal[SUBSCRIPTION_PRINCIPAL_SIZE];
    int64_t at_us;
    bool is_new;  // its streams have not been ended yet
    int32_t next; // index of the next one with the same hash, or NONE
};

struct revoked {
    int32_t n, cap; // cap is a power of two
    int32_t new_n;
    struct revocation *at;
    int32_t *first; // by hash: index of the first one, or NONE
};

struct revoked *revoked_new(void)
{
    return mem_zero(sizeof(struct revoked));
}

void revoked_free(struct revoked *revoked)
{
    if (!revoked)
        return;
    free(revoked->at);
    free(revoked->first);
    free(revoked);
}

static int32_t *first_of(const struct revoked *revoked, struct str principal)
{
    return &revoked->first[hash_32(principal) & (uint32_t)(revoked->cap - 1)];
}

static struct revocation *find(const struct revoked *revoked, struct str principal)
{
    for (int32_t i = revoked->n ? *first_of(revoked, principal) : NONE; i != NONE; i = revoked->at[i].next)
        if (str_eq(str_from(revoked->at[i].principal), principal))
            return &revoked->at[i];
    return NULL;
}

static void link_in(struct revoked *revoked, int32_t i)
{
    int32_t *first = first_of(revoked, str_from(revoked->at[i].principal));
    revoked->at[i].next = *first;
    *first = i;
}

static void link_all(struct revoked *revoked)
{
    for (int32_t i = 0; i < revoked->cap; i++)
        revoked->first[i] = NONE;
    for (int32_t i = 0; i < revoked->n; i++)
        link_in(revoked, i);
}

static struct revocation *add(struct revoked *revoked, struct str principal)
{
    if (revoked->n == revoked->cap) {
        revoked->cap = revoked->cap ? revoked->cap * 2 : CAP_LEAST;
        revoked->at = mem_grow(revoked->at, (size_t)revoked->cap * sizeof *revoked->at);
        revoked->first = mem_grow(revoked->first, (size_t)revoked->cap * sizeof *revoked->first);
        link_all(revoked);
    }
    struct revocation *r = &revoked->at[revoked->n];
    *r = (struct revocation){0};
    memcpy(r->principal, principal.p, principal.n);
    link_in(revoked, revoked->n++);
    return r;
}

void revoked_add(struct revoked *revoked, struct str principal, int64_t at_us)
{
    struct revocation *r = find(revoked, principal);
    if ((r && r->at_us >= at_us) || principal.n >= SUBSCRIPTION_PRINCIPAL_SIZE)
        return;
    if (!r)
        r = add(revoked, principal);
    r->at_us = at_us;
    revoked->new_n += !r->is_new;
    r->is_new = true;
}

bool revoked_has_new(const struct revoked *revoked)
{
    return revoked->new_n > 0;
}

bool revoked_is_new(const struct revoked *revoked, struct str principal, int64_t authorised_us)
{
    const struct revocation *r = find(revoked, principal);
    return r && r->is_new && authorised_us <= r->at_us + REVOKED_GRACE_US;
}

void revoked_taken(struct revoked *revoked)
{
    for (int32_t i = 0; i < revoked->n; i++)
        revoked->at[i].is_new = false;
    revoked->new_n = 0;
}

// Those by which no streams have been ended yet stay.
void revoked_forget(struct revoked *revoked, int64_t before_us)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < revoked->n; i++)
        if (revoked->at[i].is_new || revoked->at[i].at_us >= before_us)
            revoked->at[kept++] = revoked->at[i];
    if (kept == revoked->n)
        return;
    revoked->n = kept;
    link_all(revoked);
}

int revoked_wait_ms(const struct revoked *revoked, const struct subscription *subscription, int64_t now_us)
{
    int64_t until_us = now_us - subscription->at_us > REVOKED_MEMORY_US ? now_us : 0;
    for (unsigned i = 0; i < subscription->principals_n; i++) {
        const struct revocation *r = find(revoked, subscription->principals[i]);
        if (r && subscription->at_us <= r->at_us + REVOKED_GRACE_US && until_us < r->at_us + REVOKED_GRACE_US)
            until_us = r->at_us + REVOKED_GRACE_US;
    }
    if (until_us == 0)
        return -1;
    return until_us > now_us ? (int)((until_us - now_us) / 1000) : 0;
}
