// SPDX-License-Identifier: Apache-2.0
#include "store/epoch.h"

#include "store/pg_copy.h"
#include "store/statement.h"

void store_epoch_allow_copy(void)
{
    pg_copy_allow();
}

// Parts of one statement see the state before it, so what is left is what there was less what was taken away.
static const struct pg_statement draw PG_STATEMENT = {
    "epoch_draw",
    "WITH logins AS MATERIALIZED (SELECT count(*) AS n FROM login_sessions WHERE ended_at IS NULL AND expires_at > now()),\n"
    "tokens_before AS MATERIALIZED (SELECT count(*) AS n FROM tokens WHERE revoked_at IS NULL),\n"
    "l AS (UPDATE login_sessions SET ended_at = clock_timestamp()\n"
    "      WHERE $1::boolean AND ended_at IS NULL AND expires_at > now() RETURNING id),\n"
    "t AS (UPDATE tokens SET revoked_at = clock_timestamp() WHERE $1::boolean AND revoked_at IS NULL RETURNING id),\n"
    "r AS (INSERT INTO revocations (principal, at) SELECT id, clock_timestamp() FROM t\n"
    "      UNION ALL SELECT id, clock_timestamp() FROM l)\n"
    "SELECT draw_epoch() AS epoch, (SELECT count(*) FROM l) AS \"signInsEnded\",\n"
    "       (SELECT count(*) FROM t) AS \"tokensRevoked\",\n"
    "       (SELECT n FROM logins) - (SELECT count(*) FROM l) AS \"signIns\",\n"
    "       (SELECT n FROM tokens_before) - (SELECT count(*) FROM t) AS tokens",
};

// Links open something, too. A backup may be older than the tables that hold them, and is migrated only afterwards.
static const struct pg_statement are_there[] PG_STATEMENT = {
    {"epoch_has_invites", "SELECT (to_regclass('invites') IS NOT NULL)::integer"},
    {"epoch_has_shares", "SELECT (to_regclass('shares') IS NOT NULL)::integer"},
};
static const struct pg_statement end[] PG_STATEMENT = {
    {"epoch_end_invites", "WITH i AS (DELETE FROM invites RETURNING id) SELECT count(*) FROM i"},
    {"epoch_end_shares", "SELECT revoke_shares(ARRAY(SELECT id FROM shares WHERE revoked_at IS NULL))"},
};

static enum store_outcome end_links(struct pg *pg)
{
    enum store_outcome outcome = STORE_OK;
    for (size_t i = 0; i < sizeof end / sizeof end[0] && outcome == STORE_OK; i++) {
        int64_t is_there = 0, ended;
        outcome = store_statement_number(pg, &are_there[i], 0, NULL, &is_there);
        if (outcome == STORE_OK && is_there)
            outcome = store_statement_number(pg, &end[i], 0, NULL, &ended);
    }
    return outcome;
}

struct store_answer store_epoch_draw(struct pg *pg, bool revokes)
{
    enum store_outcome outcome = revokes ? end_links(pg) : STORE_OK;
    if (outcome != STORE_OK)
        return (struct store_answer){.outcome = outcome};
    return store_statement_find(pg, &draw, 1, (const char *const[]){revokes ? "t" : "f"});
}
