// SPDX-License-Identifier: Apache-2.0
// Tokens as a workspace's admins see and change them (migrations/functions/tokens.sql). Every function decides:
// FORBIDDEN for whoever is no admin, with the problem admin_only; NOT_FOUND: the workspace has no such token or
// persona.
#ifndef STORE_TOKEN_H
#define STORE_TOKEN_H

#include "store/answer.h"

// The body is {"tokens":[…]}, the newest first, those that have ended among them.
MUST_USE struct store_answer store_token_list(struct pg *pg, const struct caller *caller);

struct store_token_draft {
    const char *persona;
    const char *secret;
    const char *scopes;     // an array literal
    const char *label;      // or NULL
    const char *expires_us; // when it ends, in microseconds since 1970; NULL: never
};
// WRITTEN, with the token as the body.
MUST_USE struct store_answer store_token_create(struct pg *pg, const struct caller *caller,
                                                const struct store_token_draft *draft);

// Another token like `id`, which ends after the overlap at the latest; of *draft only secret and end are used, and
// without an end it has that of `id`. WRITTEN, with the new token as the body. CONFLICT: token_ended.
MUST_USE struct store_answer store_token_rotate(struct pg *pg, const struct caller *caller, const char *id,
                                                const char *overlap_s, const struct store_token_draft *draft);

// SILENT, also if it was revoked before. Its live streams end.
MUST_USE struct store_answer store_token_revoke(struct pg *pg, const struct caller *caller, const char *id);

// Notes that the token was used in this quarter of a minute, unless the database knows; a secret of no valid token is
// nothing. Does not wait for the disk. A failure is logged, and the next quarter has another chance.
void store_token_used(struct pg *pg, const char *secret);

#endif
