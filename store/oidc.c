// SPDX-License-Identifier: Apache-2.0
#include "store/oidc.h"

#include "store/statement.h"

enum { METADATA, KEYS, AGE_S };

static const struct pg_statement published PG_STATEMENT = {
    "oidc_published",
    "SELECT metadata, keys, floor(extract(epoch FROM clock_timestamp() - read_at))::bigint FROM oidc_providers\n"
    "WHERE issuer = $1",
};

struct store_answer store_oidc_published(struct pg *pg, const char *issuer, struct store_oidc_published *out)
{
    struct store_answer answer = store_statement_find(pg, &published, 1, &issuer);
    *out = (struct store_oidc_published){0};
    if (answer.outcome == STORE_OK)
        *out = (struct store_oidc_published){pg_str(answer.rows, 0, METADATA), pg_str(answer.rows, 0, KEYS),
                                             pg_i64(answer.rows, 0, AGE_S)};
    return answer;
}

static const struct pg_statement publish PG_STATEMENT = {
    "oidc_publish",
    "INSERT INTO oidc_providers (issuer, metadata, keys) VALUES ($1, $2, $3)\n"
    "ON CONFLICT (issuer) DO UPDATE SET metadata = excluded.metadata, keys = excluded.keys, read_at = clock_timestamp()\n"
    "RETURNING 1",
};

enum store_outcome store_oidc_publish(struct pg *pg, const char *issuer, const char *metadata, const char *keys)
{
    int64_t one;
    return store_statement_number(pg, &publish, 3, (const char *const[]){issuer, metadata, keys}, &one);
}

static const struct pg_statement person PG_STATEMENT = {
    "oidc_person",
    "SELECT code, problem, user_id FROM identify_person($1, $2, $3, $4, $5)",
};

struct store_answer store_oidc_person(struct pg *pg, const struct store_oidc_identity *identity)
{
    const char *params[] = {identity->issuer, identity->subject, identity->email, identity->name, identity->workspace};
    return store_statement_decide(pg, &person, 5, params);
}

struct str store_oidc_user(const struct store_answer *answer)
{
    return store_answer_body(answer);
}
