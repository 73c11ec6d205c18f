// SPDX-License-Identifier: Apache-2.0
// When tokens are used, for whoever administers them, and because a persona is connected while it calls (cgi/actors.h):
// noted for the quarter of a minute in which a call of theirs succeeded, by one write a quarter and token. All workers
// of a program share what was noted, and the database knows what other programs and machines have.
#ifndef CGI_TOKEN_USE_H
#define CGI_TOKEN_USE_H

#include "cgi/route.h"

// Called once, before the workers are forked.
void token_use_init(void);

// Called when the reply is made: whether this call's token is still to be noted, which is then for the caller to do
// (store/token.h), when the reply is out.
MUST_USE bool token_use_is_due(const struct request *r, const struct route *route, int status);

#endif
