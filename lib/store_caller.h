// Who asks, and what is refused to whom, in the statements of sessions and steps: fragments of SQL, so that a step
// costs no call of a function. The conversation's statements ask who_calls() instead (migrations/0004_access.sql).
#ifndef LIB_STORE_CALLER_H
#define LIB_STORE_CALLER_H

// A token that may write sessions: $1 secret, $2 workspace. `a` has no row: 401; not `here`: 404; not `may`: 403.
#define STORE_TOKEN                                                                                                    \
    "a AS MATERIALIZED (SELECT persona_id AS id, workspace_id = $2 AS here, 'sessions:write' = ANY (scopes) AS may\n"  \
    "    FROM tokens WHERE hash = sha256($1::text::bytea) AND revoked_at IS NULL)"

// The session $3, if it is that token's persona's. IS NOT DISTINCT FROM keeps the plan off the indexes of a workspace's
// sessions, which find an id by going through all of them.
#define STORE_OWN_SESSION                                                                                              \
    "SELECT id, status FROM agent_sessions WHERE id = $3 AND workspace_id IS NOT DISTINCT FROM $2\n"                   \
    "    AND persona_id = (SELECT id FROM a WHERE here AND may)"

// A person, or a token with a scope: $1 secret, $2 workspace, $3 whether it is a token.
#define STORE_READER STORE_ANYBODY("read")
#define STORE_WRITER STORE_ANYBODY("sessions:write")
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

#endif
