// SPDX-License-Identifier: Apache-2.0
// Signing in by an identity provider (OpenID Connect, code flow with PKCE), as far as it is not a route: what is
// configured, what the browser keeps between the two halves, and what is asked of the provider. Its metadata and keys
// are kept in the database, so that each is fetched once an hour for all workers and machines.
#ifndef CGI_OIDC_LOGIN_H
#define CGI_OIDC_LOGIN_H

#include "cgi/request.h"
#include "oidc/provider.h"

bool oidc_login_is_on(void);

// Called when a program starts: 0, or -1 after saying which keys of the configuration do not go together.
MUST_USE int oidc_login_check(void);

// Where the provider sends browsers back to.
void oidc_login_return_address(struct buf *out);

// What a browser keeps in a cookie until it comes back: it alone can finish what it began.
struct oidc_attempt {
    struct buf state, nonce, verifier;
};
void oidc_attempt_begin(struct request *r, struct oidc_attempt *attempt);
// 0, or -1: the browser has no cookie of an attempt with that state.
MUST_USE int oidc_attempt_resume(struct request *r, struct str cookies, struct str state, struct oidc_attempt *attempt);
void oidc_attempt_end(struct request *r);
void oidc_attempt_fini(struct oidc_attempt *attempt);

// The provider as it was read last, or as it is read now. 0, or the status of a problem.
MUST_USE int oidc_login_provider(struct request *r, int64_t deadline_ns, struct oidc_provider *provider);

// Who has signed in at the provider, for the code that it gave the browser. Views into *claims, which the caller
// releases. 0, or the status of a problem.
struct oidc_person {
    struct str subject, email, name;
};
MUST_USE int oidc_login_redeem(struct request *r, struct str code, const struct oidc_attempt *attempt, json_t **claims,
                               struct oidc_person *person);

// The workspace that a new person with that verified address joins: "" for the oldest; NULL: none.
const char *oidc_login_workspace(struct request *r, struct str email);

#endif
