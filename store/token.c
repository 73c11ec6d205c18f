// SPDX-License-Identifier: Apache-2.0
#include "store/token.h"

#include "store/caller.h"
#include "store/statement.h"

// Microseconds since 1970, or NULL.
#define TIME(us) "to_timestamp(" us "::float8 / 1e6)"

static const struct pg_statement list PG_STATEMENT = {
    "token_list",
    "SELECT code, name, body FROM list_tokens($1, $2)",
};

struct store_answer store_token_list(struct pg *pg, const struct caller *caller)
{
    return store_statement_decide(pg, &list, 2, (const char *const[]){caller->secret, caller->workspace});
}

static const struct pg_statement create PG_STATEMENT = {
    "token_create",
    "SELECT code, name, body FROM create_token($1, $2, $3, " STORE_HASHED("$4") ", $5, $6, " TIME("$7") ")",
};

struct store_answer store_token_create(struct pg *pg, const struct caller *caller,
                                       const struct store_token_draft *draft)
{
    const char *params[] = {caller->secret, caller->workspace, draft->persona,   draft->secret,
                            draft->scopes,  draft->label,      draft->expires_us};
    return store_statement_decide(pg, &create, 7, params);
}

static const struct pg_statement rotate PG_STATEMENT = {
    "token_rotate",
    "SELECT code, name, body FROM rotate_token($1, $2, $3, " STORE_HASHED("$4") ", $5, " TIME("$6") ")",
};

struct store_answer store_token_rotate(struct pg *pg, const struct caller *caller, const char *id,
                                       const char *overlap_s, const struct store_token_draft *draft)
{
    const char *params[] = {caller->secret, caller->workspace, id, draft->secret, overlap_s, draft->expires_us};
    return store_statement_decide(pg, &rotate, 6, params);
}

static const struct pg_statement revoke PG_STATEMENT = {
    "token_revoke",
    "SELECT code, name, body FROM withdraw_token($1, $2, $3)",
};

struct store_answer store_token_revoke(struct pg *pg, const struct caller *caller, const char *id)
{
    return store_statement_decide(pg, &revoke, 3, (const char *const[]){caller->secret, caller->workspace, id});
}

static const struct pg_statement used PG_STATEMENT = {
    "token_used",
    "SELECT note_token_use(" STORE_CALLER_HASHED ")",
};

void store_token_used(struct pg *pg, const char *secret)
{
    struct store_answer answer = store_statement_list(pg, &used, 1, (const char *const[]){secret});
    store_answer_fini(&answer);
}
