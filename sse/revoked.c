#include "sse/revoked.h"

#include <stdlib.h>

// A handful at a time: revocations are rare and soon forgotten.
struct revocation {
    char principal[DOOR_PRINCIPAL_SIZE];
    int64_t at;
};

struct revoked {
    size_t n, cap;
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

bool revoked_add(struct revoked *revoked, struct str principal, int64_t at)
{
    struct revocation *known = find(revoked, principal);
    if (known && known->at >= at)
        return false;
    if (known) {
        known->at = at;
        return true;
    }
    if (principal.n >= DOOR_PRINCIPAL_SIZE)
        return false;
    if (revoked->n == revoked->cap) {
        revoked->cap = revoked->cap ? revoked->cap * 2 : 16;
        revoked->at = mem_grow(revoked->at, revoked->cap * sizeof *revoked->at);
    }
    struct revocation *r = &revoked->at[revoked->n++];
    *r = (struct revocation){.at = at};
    memcpy(r->principal, principal.p, principal.n);
    return true;
}

void revoked_forget(struct revoked *revoked, int64_t before)
{
    for (size_t i = 0; i < revoked->n;) {
        if (revoked->at[i].at < before)
            revoked->at[i] = revoked->at[--revoked->n];
        else
            i++;
    }
}

int revoked_wait_ms(const struct revoked *revoked, const struct door *door, int64_t now)
{
    int64_t until = now - door->at > REVOKED_MEMORY_US ? now : 0;
    for (unsigned i = 0; i < door->principals_n; i++) {
        const struct revocation *r = find(revoked, door->principals[i]);
        if (r && door->at <= r->at + REVOKED_GRACE_US && until < r->at + REVOKED_GRACE_US)
            until = r->at + REVOKED_GRACE_US;
    }
    if (until == 0)
        return -1;
    return until > now ? (int)((until - now) / 1000) : 0;
}
