// SPDX-License-Identifier: Apache-2.0
#include "store/auth.h"

#include "store/caller.h"
#include "store/statement.h"

static const struct pg_statement try PG_STATEMENT = {
    "auth_attempt",
    "WITH recent AS MATERIALIZED (\n"
    "    SELECT account, at, row_number() OVER (PARTITION BY account ORDER BY at DESC) AS of_account,\n"
    "           row_number() OVER (ORDER BY at DESC) AS of_address\n"
    "    FROM login_failures WHERE address = $2 AND at > now() - make_interval(secs => $3::integer)),\n"
    // The failure that must be older than the window before the next attempt.
    "blocking AS (\n"
    "    SELECT max(at) AS at FROM recent\n"
    "    WHERE account = lower($1) AND of_account = $4::bigint OR of_address = $5::bigint),\n"
    "everywhere AS (\n"
    "    SELECT count(*) AS n, max(at) AS at FROM login_failures\n"
    "    WHERE account = lower($1) AND at > now() - interval '1 hour'),\n"
    "wait AS MATERIALIZED (\n"
    "    SELECT greatest(extract(epoch FROM b.at - now()) + $3::integer,\n"
    "                    CASE WHEN e.n >= $6::bigint THEN extract(epoch FROM e.at - now()) + $7::integer END) AS s\n"
    "    FROM blocking b, everywhere e),\n"
    "counted AS (\n"
    "    INSERT INTO login_failures (account, address) SELECT lower($1), $2 FROM wait WHERE coalesce(s, 0) <= 0\n"
    "    RETURNING at)\n"
    "SELECT CASE WHEN c.at IS NULL THEN 429 ELSE 200 END, NULL::text, NULL::text, u.id, u.password_hash,\n"
    "       ceil(w.s)::bigint, c.at::text\n"
    "FROM wait w LEFT JOIN counted c ON true LEFT JOIN users u ON lower(u.email) = lower($1) AND u.deactivated_at IS NULL",
};

struct store_answer store_auth_attempt(struct pg *pg, const struct store_attempt *attempt)
{
    static const int64_t values[] = {LOGIN_WINDOW_S, LOGIN_FAILURES_ACCOUNT, LOGIN_FAILURES_ADDRESS,
                                     LOGIN_FAILURES_EVERYWHERE, LOGIN_SLOW_S};
    enum { LIMITS = sizeof values / sizeof values[0] };
    struct buf limits[LIMITS] = {{0}};
    const char *params[2 + LIMITS] = {attempt->email, attempt->network};
    for (size_t i = 0; i < LIMITS; i++) {
        buf_i64(&limits[i], values[i]);
        params[2 + i] = buf_cstr(&limits[i]);
    }
    struct store_answer answer = store_statement_decide(pg, &try, 2 + LIMITS, params);
    for (size_t i = 0; i < LIMITS; i++)
        buf_fini(&limits[i]);
    return answer;
}

enum { FOUND_USER = ANSWER_COLUMNS, FOUND_HASH, FOUND_WAIT, FOUND_AT };

void store_auth_read(const struct store_answer *answer, struct store_account *account)
{
    *account = (struct store_account){.user_id = pg_str(answer->rows, 0, FOUND_USER),
                                      .password_hash = pg_str(answer->rows, 0, FOUND_HASH),
                                      .wait_s = pg_i64(answer->rows, 0, FOUND_WAIT),
                                      .at = pg_str(answer->rows, 0, FOUND_AT)};
}

// Of the sign-in that begins, and of the one that it replaces.
#define MADE_HASHED STORE_HASHED("$3")
#define REPLACED_HASHED STORE_HASHED("$8")

static const struct pg_statement begin PG_STATEMENT = {
    "auth_begin",
    // Locked against whoever takes the sign-ins of the person (end_sign_ins()): they see this one, or it sees them.
    "WITH who AS MATERIALIZED (SELECT id FROM users WHERE id = $1 AND deactivated_at IS NULL\n"
    "                          AND ($9::text IS NULL OR password_hash = $9) FOR SHARE),\n"
    "f AS (DELETE FROM login_failures WHERE account = lower($5) AND address = $6 AND at = $7::timestamptz\n"
    "      AND EXISTS (SELECT FROM who)),\n"
    "replaced AS (UPDATE login_sessions SET ended_at = now()\n"
    "             WHERE hash = " REPLACED_HASHED " AND ended_at IS NULL\n"
    "             AND EXISTS (SELECT FROM who) RETURNING id),\n"
    "r AS (INSERT INTO revocations (principal) SELECT id FROM replaced),\n"
    "l AS (INSERT INTO login_sessions (id, user_id, hash, expires_at)\n"
    "      SELECT $2, id, " MADE_HASHED ", now() + make_interval(days => $4::integer)\n"
    "      FROM who RETURNING user_id)\n"
    "SELECT CASE WHEN u.id IS NULL THEN 401 ELSE 200 END, NULL::text,\n"
    "       account_json(u)\n"
    "FROM (VALUES (1)) one LEFT JOIN l ON true LEFT JOIN users u ON u.id = l.user_id",
};

struct store_answer store_auth_begin(struct pg *pg, const struct store_attempt *attempt, const char *login,
                                     const char *secret, const char *days)
{
    const char *params[] = {
        attempt->user,     login,        secret, days, attempt->email, attempt->network, attempt->at,
        attempt->replaced, attempt->hash};
    return store_statement_decide(pg, &begin, 9, params);
}

static const struct pg_statement end PG_STATEMENT = {
    "auth_end",
    "WITH l AS (UPDATE login_sessions SET ended_at = now()\n"
    "           WHERE hash = " STORE_CALLER_HASHED " AND ended_at IS NULL AND expires_at > now()\n"
    "           RETURNING id),\n"
    "r AS (INSERT INTO revocations (principal) SELECT id FROM l)\n"
    "SELECT CASE WHEN EXISTS (SELECT FROM l) THEN 204 ELSE 401 END, NULL::text, NULL::text",
};

struct store_answer store_auth_end(struct pg *pg, const char *secret)
{
    const char *params[] = {secret};
    return store_statement_decide(pg, &end, 1, params);
}

// A database that was moved to the present schema had its first migration then; one that was made with it has no older
// sign-in.
static const struct pg_statement exchange PG_STATEMENT = {
    "auth_exchange",
    "SELECT ceil(extract(epoch FROM l.expires_at - now()))::bigint\n"
    "FROM login_sessions l JOIN schema_migrations m ON m.number = 1\n"
    "WHERE l.hash = " STORE_CALLER_HASHED " AND l.ended_at IS NULL AND l.expires_at > now()\n"
    "AND l.created_at < m.applied_at AND now() < m.applied_at + interval '30 days'",
};

enum store_outcome store_auth_exchange(struct pg *pg, const char *secret, int64_t *left_s)
{
    return store_statement_number(pg, &exchange, 1, (const char *const[]){secret}, left_s);
}

static const struct pg_statement me_person PG_STATEMENT = {
    "auth_me_person",
    "SELECT CASE WHEN u.id IS NULL THEN 401 ELSE 200 END, NULL::text,\n"
    "       account_json(u)\n"
    "FROM (VALUES (1)) one\n"
    "LEFT JOIN login_sessions l ON l.hash = " STORE_CALLER_HASHED "\n"
    "     AND l.ended_at IS NULL AND l.expires_at > now()\n"
    "LEFT JOIN users u ON u.id = l.user_id",
};

static const struct pg_statement me_persona PG_STATEMENT = {
    "auth_me_persona",
    "SELECT CASE WHEN p.id IS NULL THEN 401 ELSE 200 END, NULL::text,\n"
    "       concat('\"persona\":{', persona_members(p),\n"
    "              '},\"workspaces\":[{\"id\":\"', w.id, '\",\"name\":', to_json(w.name),\n"
    "              ',\"slug\":', to_json(p.slug), ',\"role\":\"persona\"}],\"scopes\":', to_json(t.scopes))\n"
    "FROM (VALUES (1)) one LEFT JOIN tokens t ON t.hash = " STORE_CALLER_HASHED " AND t.revoked_at IS NULL\n"
    "     AND coalesce(t.expires_at > now(), true)\n"
    "LEFT JOIN personas p ON p.id = t.persona_id LEFT JOIN workspaces w ON w.id = t.workspace_id",
};

struct store_answer store_auth_me(struct pg *pg, const struct caller *caller)
{
    const char *params[] = {caller->secret};
    return store_statement_decide(pg, caller->program[0] == 't' ? &me_persona : &me_person, 1, params);
}
