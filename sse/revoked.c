// SPDX-License-Identifier: Apache-2.0
#include "sse/revoked.h"

#include <stdlib.h>

// There are only a few at a time, as revocations are rare and soon forgotten; so they are searched one by one.
struct revocation {
    char principal[SUBSCRIPTION_PRINCIPAL_SIZE];
    int64_t at_us;
    bool taken; // its streams have been ended
};

struct revoked {
    size_t n, cap;
    size_t not_taken;
    struct revocation *at;
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
    free(revoked);
}

static struct revocation *find(const struct revoked *revoked, struct str principal)
{
    for (size_t i = 0; i < revoked->n; i++)
        if (str_eq(str_from(revoked->at[i].principal), principal))
            return &revoked->at[i];
    return NULL;
}

void revoked_add(struct revoked *revoked, struct str principal, int64_t at_us)
{
    struct revocation *r = find(revoked, principal);
    if ((r && r->at_us >= at_us) || principal.n >= SUBSCRIPTION_PRINCIPAL_SIZE)
        return;
    if (!r && revoked->n == revoked->cap) {
        revoked->cap = revoked->cap ? revoked->cap * 2 : 16;
        revoked->at = mem_grow(revoked->at, revoked->cap * sizeof *revoked->at);
    }
    if (!r) {
        r = &revoked->at[revoked->n++];
        *r = (struct revocation){.taken = true};
        memcpy(r->principal, principal.p, principal.n);
    }
    r->at_us = at_us;
    revoked->not_taken += r->taken;
    r->taken = false;
}

bool revoked_take(struct revoked *revoked, struct str *principal, int64_t *at_us)
{
    for (size_t i = 0; revoked->not_taken && i < revoked->n; i++) {
        struct revocation *r = &revoked->at[i];
        if (r->taken)
            continue;
        r->taken = true;
        revoked->not_taken--;
        *principal = str_from(r->principal);
        *at_us = r->at_us;
        return true;
    }
    return false;
}

// Revocations that have not been taken yet stay.
void revoked_forget(struct revoked *revoked, int64_t before_us)
{
    for (size_t i = 0; i < revoked->n;) {
        if (revoked->at[i].taken && revoked->at[i].at_us < before_us)
            revoked->at[i] = revoked->at[--revoked->n];
        else
            i++;
    }
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
