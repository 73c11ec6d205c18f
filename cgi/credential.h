// SPDX-License-Identifier: Apache-2.0
// What a secret of ours looks like, and where foreign clients put it: they have a field for a key of their own kind,
// and whoever sets them up fills it with our token.
#ifndef CGI_CREDENTIAL_H
#define CGI_CREDENTIAL_H

#include <stdbool.h>
#include "base/buf.h"

// Whatever else comes is no secret, and need not trouble the database.
bool credential_is_secret(struct str text);

// Appends the token out of an Authorization header ("Bearer atk_…", "atk_…" alone, or "Basic …" with the token as its
// password), else out of an x-api-key header; nothing if there is none. STR_NONE is an absent header.
void credential_foreign(struct buf *out, struct str authorization, struct str api_key);

#endif
