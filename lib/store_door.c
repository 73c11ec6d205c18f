#include "lib/store_door.h"

// now() is when the statement began: a revocation that commits after it is later than it. LIMIT makes it look each id
// up, where a join might ask can_read_stream about every stream of the workspace.
static const struct pg_statement door PG_STATEMENT = {
    "door",
    "WITH c AS MATERIALIZED (SELECT * FROM who_calls($1, $2, $3, 'read'))\n"
    "SELECT coalesce(c.refused, 200), c.credential, c.id, now(),\n"
    "  CASE a.kind WHEN 'stream' THEN s.id IS NOT NULL WHEN 'session' THEN x.id IS NOT NULL\n"
    "              WHEN 'workspace' THEN a.id = $3\n"
    "              WHEN 'persona' THEN a.id = c.id WHEN 'user' THEN NOT $2::boolean ELSE false END,\n"
    "  coalesce(s.last_seq, x.last_seq), coalesce(x.status IN ('completed', 'failed', 'cancelled'), false),\n"
    "  (SELECT l.expires_at FROM login_sessions l WHERE NOT $2::boolean AND l.id = c.credential)\n"
    "FROM c CROSS JOIN unnest($4::text[], $5::text[]) WITH ORDINALITY a(kind, id, place)\n"
    "LEFT JOIN LATERAL (SELECT id, last_seq FROM streams WHERE a.kind = 'stream' AND id = a.id AND workspace_id = $3\n"
    "                   AND can_read_stream(c.id, id) LIMIT 1) s ON true\n"
    "LEFT JOIN LATERAL (SELECT id, last_seq, status FROM agent_sessions x WHERE a.kind = 'session' AND id = a.id\n"
    "                   AND workspace_id IS NOT DISTINCT FROM $3\n"
    "                   AND can_read_session(c.id, workspace_id, stream_id, persona_id) LIMIT 1) x\n"
    "ON true\n"
    "ORDER BY a.place",
};

struct answer store_door(struct pg *pg, const struct caller *caller, const char *kinds, const char *ids)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, kinds, ids};
    return answer_run(pg, &door, 5, params);
}
