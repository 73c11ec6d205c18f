// SPDX-License-Identifier: Apache-2.0
// Inviting people by a link (migrations/functions/invites.sql). The first three are for a workspace's admins:
// FORBIDDEN, with the problem admin_only, for others. The other two are for whoever has the link's secret: NOT_FOUND
// without it.
#ifndef STORE_INVITE_H
#define STORE_INVITE_H

#include "store/answer.h"

// The body is {"invites":[…]}.
MUST_USE struct store_answer store_invite_list(struct pg *pg, const struct caller *caller);

// WRITTEN, with the invitation as the body. CONFLICT: already_member.
MUST_USE struct store_answer store_invite_create(struct pg *pg, const struct caller *caller, const char *email,
                                                 const char *role, const char *secret);

// SILENT.
MUST_USE struct store_answer store_invite_withdraw(struct pg *pg, const struct caller *caller, const char *id);

struct store_invite_link {
    const char *id;
    const char *secret;
};
// The body is what one sees before one comes in.
MUST_USE struct store_answer store_invite_show(struct pg *pg, const struct store_invite_link *link);

struct store_invite_guest {
    const char *login_secret;  // of the cookie, or NULL
    const char *name;          // for a new account, with the next
    const char *password_hash; // both NULL: an account is there
    const char *fresh_login;   // id and secret of the sign-in of a new account
    const char *fresh_secret;
    const char *days; // how long that lasts
};
// The body is the account, without brackets (store/auth.h). WRITTEN: it is new, and signed in; OK: it was there.
// MISFIT: there is no account, and the body names what is missing for one. CONFLICT: account_exists, and is not signed
// in.
MUST_USE struct store_answer store_invite_accept(struct pg *pg, const struct store_invite_link *link,
                                                 const struct store_invite_guest *guest);

#endif
