// SPDX-License-Identifier: Apache-2.0
// Signing in by an identity provider: what it has published, kept for all workers and machines, and whom it knows under
// which name.
#ifndef STORE_OIDC_H
#define STORE_OIDC_H

#include "store/answer.h"

struct store_oidc_published {
    struct str metadata, keys; // as they came
    int64_t age_s;
};
// OK, or NOT_FOUND: nothing was kept yet.
MUST_USE struct store_answer store_oidc_published(struct pg *pg, const char *issuer, struct store_oidc_published *out);
MUST_USE enum store_outcome store_oidc_publish(struct pg *pg, const char *issuer, const char *metadata,
                                               const char *keys);

struct store_oidc_identity {
    const char *issuer, *subject;
    const char *email;     // verified by the provider
    const char *name;      // of a new person
    const char *workspace; // id or name of that which a new person joins; "": the oldest one; NULL: nobody is new
};
// Finds the person by their name at the provider, then by their address, which links the two, or makes them. OK with
// their id; FORBIDDEN with the problem: whoever is deactivated, unknown, or has another name at the provider.
MUST_USE struct store_answer store_oidc_person(struct pg *pg, const struct store_oidc_identity *identity);
struct str store_oidc_user(const struct store_answer *answer);

#endif
