#include "lib/store_door.h"

// now() is when the statement began: a revocation that commits after it is later than it.
static const struct pg_statement door PG_STATEMENT = {
    "door",
    "WITH c AS MATERIALIZED (SELECT * FROM who_calls($1, $2, $3, 'read')) "
    "SELECT coalesce(c.refused, 200), c.credential, c.id, now(), "
    "  CASE a.kind WHEN 'stream' THEN s.id IS NOT NULL WHEN 'session' THEN x.id IS NOT NULL WHEN 'workspace' THEN a.id "
    "= $3 "
    "              WHEN 'persona' THEN a.id = c.id WHEN 'user' THEN NOT $2::boolean ELSE false END, "
    "  coalesce(s.last_seq, x.last_seq), coalesce(x.status IN ('completed', 'failed', 'cancelled'), false) "
    "FROM c CROSS JOIN unnest($4::text[], $5::text[]) WITH ORDINALITY a(kind, id, place) "
    "LEFT JOIN streams s ON a.kind = 'stream' AND s.id = a.id AND s.workspace_id = $3 AND can_read_stream(c.id, s.id) "
    "LEFT JOIN agent_sessions x ON a.kind = 'session' AND x.id = a.id AND x.workspace_id = $3 "
    "  AND can_read_session(c.id, x.workspace_id, x.stream_id, x.persona_id) "
    "ORDER BY a.place"};

enum pg_outcome store_door(struct pg *pg, const struct caller *caller, const char *kinds, const char *ids,
                           struct answer *answer)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, kinds, ids};
    return answer_run(pg, &door, 5, params, answer);
}
