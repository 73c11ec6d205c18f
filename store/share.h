// SPDX-License-Identifier: Apache-2.0
// Read-only links of sessions: made, listed, revoked, and opened by whoever has one. What is read through a share is
// read by store/trace.h, with a ticket for a secret. The rules are migrations/functions/share.sql.
#ifndef STORE_SHARE_H
#define STORE_SHARE_H

#include "store/answer.h"

enum {
    SHARE_TICKET_S = 900,   // how long a ticket is good for
    SHARE_WINDOW_S = 300,   // so many wrong secrets from one network in this time …
    SHARE_FAILURES = 20,    // … are the last for a while
    SHARES_OF_SESSION = 100 // that have neither ended nor been revoked
};

// The answers' body is the printed share; the problem of a CONFLICT is sharing_off or too_many_shares. FORBIDDEN:
// without a stream only an admin shares. `secret` is kept as its hash.
MUST_USE struct store_answer store_share_make(struct pg *pg, const struct caller *caller, const char *session,
                                              const char *secret, const char *days);
// The session's shares that can still be opened: {"shares":[…],"enabled":…}.
MUST_USE struct store_answer store_share_list(struct pg *pg, const struct caller *caller, const char *session);
// The same of a whole workspace, newest first, at most 500: all for an admin, for others their own.
MUST_USE struct store_answer store_share_list_workspace(struct pg *pg, const struct caller *caller);
// SILENT. Their makers revoke shares, admins of the workspace, and whoever could make one like it.
MUST_USE struct store_answer store_share_revoke(struct pg *pg, const struct caller *caller, const char *share);
// An admin allows shares in the workspace, or revokes all there are: {"enabled":…}.
MUST_USE struct store_answer store_share_enable(struct pg *pg, const struct caller *caller, bool is_enabled);

// The secret's exchange for a ticket: OK, TOO_OFTEN or NOT_FOUND. `network`: address_network() of whoever asks.
struct store_share_opening {
    const char *share, *secret, *network, *ticket;
};
MUST_USE struct store_answer store_share_open(struct pg *pg, const struct store_share_opening *opening);

struct store_share_opened {
    int64_t seconds;    // OK: for which the ticket is good; TOO_OFTEN: to wait
    struct str printed; // the share as its reader sees it
};
void store_share_read_opened(const struct store_answer *answer, struct store_share_opened *opened);

#endif
