// SPDX-License-Identifier: Apache-2.0
// ID tokens (OpenID Connect Core 1.0, 3.1.3.7): their signature by the provider's published keys, and what they say of
// whom, for whom, by whom and until when. Pure: without clock and network. The only file that includes libcjose.
#ifndef OIDC_TOKEN_H
#define OIDC_TOKEN_H

#include <jansson.h>
#include "base/buf.h"

// What a token has to say.
struct oidc_expected {
    const char *issuer, *client_id, *nonce;
    int64_t now_s; // since 1970
};

enum { OIDC_SKEW_S = 60 }; // by which the clocks may differ

enum oidc_verdict {
    OIDC_VALID,
    OIDC_UNKNOWN_KEY, // signed with a key that is not among `keys`: the provider may have a new one
    OIDC_INVALID,
};

// `keys`: a JWK set (RFC 7517). VALID: *claims is the payload, owned by the caller. Otherwise *why says what is wrong,
// for the log.
MUST_USE enum oidc_verdict oidc_token_check(struct str token, struct str keys, const struct oidc_expected *expected,
                                            json_t **claims, const char **why);

// base64url of SHA-256 of `verifier`: the challenge of RFC 7636, 4.2.
void oidc_token_challenge(struct buf *out, struct str verifier);

#endif
