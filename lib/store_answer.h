// The statements of sessions and steps authorise, decide and act at once, and say what came of it in their first
// column, as the HTTP status that it means: 200, 201, 401, 403, 404, 409 … 0 says that a race was lost and everything
// is as it was: the statement runs again, at most STORE_TRIES times.
#ifndef LIB_STORE_ANSWER_H
#define LIB_STORE_ANSWER_H

#include "lib/pg.h"

enum { STORE_TRIES = 3 };

// Who asks: the secret of a token or of a cookie, and for which workspace. Beginning of every statement's parameters.
struct store_caller {
    const char *secret;
    const char *workspace;
    bool is_program; // the secret is a token's
};

// A token that may write sessions: $1 secret, $2 workspace. `a` has no row: 401; not `here`: 404; not `may`: 403.
#define STORE_TOKEN                                                                                                    \
    "a AS MATERIALIZED (SELECT persona_id AS id, workspace_id = $2 AS here, 'sessions:write' = ANY (scopes) AS may\n"  \
    "    FROM tokens WHERE hash = sha256($1::text::bytea) AND revoked_at IS NULL)"

// A person, or a token with a scope: $1 secret, $2 workspace, $3 whether it is a token.
#define STORE_READER STORE_ANYBODY("read")
#define STORE_ENDER STORE_ANYBODY("sessions:write")
#define STORE_ANYBODY(scope)                                                                                           \
    "a AS MATERIALIZED (SELECT persona_id AS id, workspace_id = $2 AS here, '" scope "' = ANY (scopes) AS may,\n"      \
    "    'persona' AS type, false AS is_admin\n"                                                                       \
    "    FROM tokens WHERE $3::boolean AND hash = sha256($1::text::bytea) AND revoked_at IS NULL\n"                    \
    "    UNION ALL\n"                                                                                                  \
    "    SELECT l.user_id, m.user_id IS NOT NULL, true, 'user', coalesce(m.role = 'admin', false)\n"                   \
    "    FROM login_sessions l LEFT JOIN workspace_members m ON m.workspace_id = $2 AND m.user_id = l.user_id\n"       \
    "    WHERE NOT $3::boolean AND l.hash = sha256($1::text::bytea) AND l.ended_at IS NULL AND l.expires_at > now())"

// The first cases of every answer, over `a`.
#define STORE_REFUSALS "WHEN a.id IS NULL THEN 401 WHEN NOT a.here THEN 404 WHEN NOT a.may THEN 403"

// Runs a statement of that kind. On every answer but 503 its rows are in *rows, which the caller clears.
MUST_USE int store_answer(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                          PGresult **rows);

#endif
