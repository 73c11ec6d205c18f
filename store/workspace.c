// SPDX-License-Identifier: Apache-2.0
#include "store/workspace.h"

#include "store/statement.h"

static const struct pg_statement get PG_STATEMENT = {
    "workspace_get",
    "WITH c AS MATERIALIZED (SELECT * FROM who_calls($1, $2, $3, 'read')),\n"
    "seen AS (INSERT INTO last_seen AS l (workspace_id, user_id, at) SELECT $3, c.id, now() FROM c\n"
    "  WHERE c.refused IS NULL AND NOT $2::boolean ON CONFLICT (workspace_id, user_id) DO UPDATE SET at = excluded.at\n"
    "  WHERE l.at < excluded.at - interval '5 minutes')\n"
    "SELECT coalesce(c.refused, 200), NULL::text, CASE WHEN c.refused IS NULL THEN\n"
    "  concat('\"workspace\":{\"id\":\"', w.id, '\",\"name\":', to_json(w.name), ',\"role\":\"', c.role,\n"
    "'\"},\"members\":[',\n"
    "    (SELECT string_agg(concat('{', user_members(u, m.slug), ',\"role\":\"', m.role, '\"}'),\n"
    "                       ',' ORDER BY u.name, u.id)\n"
    "     FROM workspace_members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = w.id),\n"
    "    '],\"streams\":[',\n"
    "    (SELECT string_agg(stream_json(s, c.id), ',' ORDER BY s.type, lower(s.name), s.id) FROM streams s\n"
    "     WHERE s.workspace_id = w.id AND s.type <> 'thread' AND can_read_stream(c.id, s.id)),\n"
    "    '],\"sessions\":[',\n"
    "    (SELECT string_agg(session_json(x), ',' ORDER BY x.id) FROM agent_sessions x\n"
    "     WHERE x.workspace_id = w.id AND x.status IN ('pending', 'running')\n"
    "     AND can_read_session(c.id, x.workspace_id, x.stream_id, x.persona_id)), ']') END,\n"
    "  CASE WHEN c.refused IS NULL THEN\n"
    "    (SELECT string_agg(actor_head(p.id) || persona_members(p), E'\\x1e' ORDER BY p.name, p.id)\n"
    "     FROM personas p\n"
    "     WHERE p.workspace_id = w.id) END\n"
    "FROM c LEFT JOIN workspaces w ON w.id = $3",
};

struct store_answer store_workspace_get(struct pg *pg, const struct caller *caller)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace};
    return store_statement_decide(pg, &get, 3, params);
}

// In a private stream only its members can be mentioned; a persona can be called into any stream.
static const struct pg_statement mentionable PG_STATEMENT = {
    "workspace_mentionable",
    "WITH c AS MATERIALIZED (SELECT coalesce(c.refused, CASE WHEN $5::text IS NOT NULL AND s.id IS NULL THEN 404 END)\n"
    "  AS refused\n"
    "  FROM who_calls($1, $2, $3, 'read') c\n"
    "  LEFT JOIN streams s ON s.id = $5 AND s.workspace_id = $3 AND can_read_stream(c.id, s.id)),\n"
    "found AS (SELECT p.* FROM people p WHERE EXISTS (SELECT FROM c WHERE refused IS NULL) AND p.workspace_id = $3\n"
    "  AND (starts_with(p.slug, lower($4)) OR starts_with(lower(p.name), lower($4))\n"
    "       OR position(' ' || lower($4) IN lower(p.name)) > 0)\n"
    "  AND ($5 IS NULL OR p.type = 'persona' OR can_read_stream(p.id, $5))\n"
    "  ORDER BY NOT starts_with(p.slug, lower($4)), p.type, lower(p.name), p.id LIMIT 20)\n"
    "SELECT coalesce(c.refused, 200), NULL::text, NULL::text,\n"
    "  (SELECT string_agg(concat(actor_head(f.id), '\"type\":\"', f.type, '\",', f.members), E'\\x1e'\n"
    "     ORDER BY NOT starts_with(f.slug, lower($4)), f.type, lower(f.name), f.id) FROM found f)\n"
    "FROM c",
};

struct store_answer store_workspace_mentionable(struct pg *pg, const struct caller *caller, const char *prefix,
                                                const char *stream)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, prefix, stream};
    return store_statement_decide(pg, &mentionable, 5, params);
}

struct str store_workspace_actors(const struct store_answer *answer)
{
    return pg_str(answer->rows, 0, ANSWER_COLUMNS);
}
