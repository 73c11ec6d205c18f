// SPDX-License-Identifier: Apache-2.0
// The caller and the refusals, for the statements of sessions and steps: fragments of SQL, so that writing a step does
// not cost the call of a function. The conversation's statements call who_calls() instead.
#ifndef STORE_CALLER_H
#define STORE_CALLER_H

// A secret as the tables keep it; the caller's, $1.
#define STORE_HASHED(secret) "sha256(convert_to(" secret ", 'UTF8'))"
#define STORE_CALLER_HASHED STORE_HASHED("$1")

// Of a row of tokens.
#define STORE_TOKEN_IS_VALID "revoked_at IS NULL AND coalesce(expires_at > now(), true)"

// A token that may write sessions: $1 secret, $2 workspace. `a` has no row: 401; not `here`: 404; not `may`: 403.
#define STORE_TOKEN                                                                                                    \
    "a AS MATERIALIZED (SELECT persona_id AS id, workspace_id = $2 AS here, 'sessions:write' = ANY (scopes) AS may\n"  \
    "    FROM tokens WHERE hash = " STORE_CALLER_HASHED " AND " STORE_TOKEN_IS_VALID ")"

// The session $3, if it belongs to the persona of that token. IS NOT DISTINCT FROM keeps the plan away from the indexes
// of a workspace's sessions, which would find the id by reading all of them.
#define STORE_OWN_SESSION                                                                                              \
    "SELECT id, status FROM agent_sessions WHERE id = $3 AND workspace_id IS NOT DISTINCT FROM $2\n"                   \
    "    AND persona_id = (SELECT id FROM a WHERE here AND may)"

// A person who is signed in, or a token with a scope: $1 secret, $2 workspace, $3 whether it is a token.
#define STORE_READER STORE_ANYBODY("read")
#define STORE_WRITER STORE_ANYBODY("sessions:write")
#define STORE_ANYBODY(scope)                                                                                           \
    "a AS MATERIALIZED (SELECT persona_id AS id, workspace_id = $2 AS here, '" scope "' = ANY (scopes) AS may,\n"      \
    "    'persona' AS type, false AS is_admin\n"                                                                       \
    "    FROM tokens WHERE $3::boolean AND hash = " STORE_CALLER_HASHED " AND " STORE_TOKEN_IS_VALID "\n"              \
    "    UNION ALL\n"                                                                                                  \
    "    SELECT l.user_id, m.user_id IS NOT NULL, true, 'user', coalesce(m.role = 'admin', false)\n"                   \
    "    FROM login_sessions l LEFT JOIN workspace_members m ON m.workspace_id = $2 AND m.user_id = l.user_id\n"       \
    "    WHERE NOT $3::boolean AND l.hash = " STORE_CALLER_HASHED " AND l.ended_at IS NULL AND l.expires_at > now())"

// The condition on a session `x` with that id that the reader `a` may read it. IS NOT DISTINCT FROM: as above.
#define STORE_READABLE(id)                                                                                             \
    "x.id = " id " AND x.workspace_id IS NOT DISTINCT FROM $2\n"                                                       \
    "    AND can_read_session((SELECT id FROM a WHERE here AND may), x.workspace_id, x.stream_id, x.persona_id)"

// The settings of a workspace are its admins': $1 secret, $2 whether it is a token, $3 workspace. `c` has the caller's
// id, and the same as `may` where it is an admin; for everybody else the status of the refusal. A function that changes
// something takes `may` and does nothing for NULL: a condition beside its call might be asked too late.
#define STORE_ADMIN                                                                                                    \
    "c AS MATERIALIZED (SELECT w.id, CASE WHEN w.refused IS NULL AND w.role = 'admin' THEN w.id END AS may,\n"         \
    "        coalesce(w.refused, CASE WHEN w.role <> 'admin' THEN 403 END) AS refused\n"                               \
    "    FROM who_calls($1, $2, $3, 'read') w)"

// The first cases of every outcome, over `a`.
#define STORE_REFUSALS "WHEN a.id IS NULL THEN 401 WHEN NOT a.here THEN 404 WHEN NOT a.may THEN 403"

#endif
