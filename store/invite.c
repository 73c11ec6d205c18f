// SPDX-License-Identifier: Apache-2.0
#include "store/invite.h"

#include "store/caller.h"
#include "store/statement.h"

static const struct pg_statement list PG_STATEMENT = {
    "invite_list",
    "SELECT code, name, body FROM list_invites($1, $2)",
};

struct store_answer store_invite_list(struct pg *pg, const struct caller *caller)
{
    return store_statement_decide(pg, &list, 2, (const char *const[]){caller->secret, caller->workspace});
}

static const struct pg_statement create PG_STATEMENT = {
    "invite_create",
    "SELECT code, name, body FROM create_invite($1, $2, $3, $4, " STORE_HASHED("$5") ")",
};

struct store_answer store_invite_create(struct pg *pg, const struct caller *caller, const char *email, const char *role,
                                        const char *secret)
{
    const char *params[] = {caller->secret, caller->workspace, email, role, secret};
    return store_statement_decide(pg, &create, 5, params);
}

static const struct pg_statement withdraw PG_STATEMENT = {
    "invite_withdraw",
    "SELECT code, name, body FROM withdraw_invite($1, $2, $3)",
};

struct store_answer store_invite_withdraw(struct pg *pg, const struct caller *caller, const char *id)
{
    return store_statement_decide(pg, &withdraw, 3, (const char *const[]){caller->secret, caller->workspace, id});
}

static const struct pg_statement show PG_STATEMENT = {
    "invite_show",
    "SELECT code, name, body FROM show_invite($1, " STORE_HASHED("$2") ")",
};

struct store_answer store_invite_show(struct pg *pg, const struct store_invite_link *link)
{
    return store_statement_decide(pg, &show, 2, (const char *const[]){link->id, link->secret});
}

static const struct pg_statement accept PG_STATEMENT = {
    "invite_accept",
    "SELECT code, name, body FROM accept_invite($1, " STORE_HASHED("$2") ", $3, $4, $5, $6, $7, $8)",
};

struct store_answer store_invite_accept(struct pg *pg, const struct store_invite_link *link,
                                        const struct store_invite_guest *guest)
{
    const char *params[] = {
        link->id,           link->secret,        guest->login_secret, guest->name, guest->password_hash,
        guest->fresh_login, guest->fresh_secret, guest->days};
    return store_statement_decide(pg, &accept, 8, params);
}
