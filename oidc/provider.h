// SPDX-License-Identifier: Apache-2.0
// What an identity provider has published of itself (OpenID Connect Discovery 1.0, 3), read and checked. Pure: it does
// not fetch.
#ifndef OIDC_PROVIDER_H
#define OIDC_PROVIDER_H

#include <jansson.h>
#include "base/buf.h"

// Texts live as long as `metadata`.
struct oidc_provider {
    json_t *metadata;
    const char *issuer, *authorization, *token, *jwks;
    const char *userinfo; // or NULL
    bool takes_basic;     // a client's secret as HTTP authentication; otherwise in the form
};

// Whether an address may be used: https, or http on this machine.
bool oidc_provider_is_url(const char *url);

// Appends the address of an issuer's metadata.
void oidc_provider_address(struct buf *out, const char *issuer);

// 0, or -1 with *why for what is no metadata of that very issuer, or lacks something that is needed.
MUST_USE int oidc_provider_read(struct oidc_provider *provider, struct str metadata, const char *issuer,
                                const char **why);
void oidc_provider_fini(struct oidc_provider *provider);

#endif
