// SPDX-License-Identifier: Apache-2.0
#include "store/door.h"

#include "store/statement.h"

// now() is the time at which the statement began, so a revocation that commits afterwards is later. LIMIT makes the
// plan look up each id; a join might call can_read_stream for every stream of the workspace.
static const struct pg_statement door PG_STATEMENT = {
    "door",
    "WITH c AS MATERIALIZED (SELECT * FROM who_calls($1, $2, $3, 'read'))\n"
    "SELECT coalesce(c.refused, 200), c.credential, c.id, now(),\n"
    "  CASE a.kind WHEN 'stream' THEN s.id IS NOT NULL WHEN 'session' THEN x.id IS NOT NULL\n"
    "              WHEN 'workspace' THEN a.id = $3\n"
    "              WHEN 'persona' THEN a.id = c.id WHEN 'user' THEN NOT $2::boolean ELSE false END,\n"
    "  coalesce(s.last_seq, x.last_seq), coalesce(x.ends_in = 0, false),\n"
    "  coalesce((SELECT l.expires_at FROM login_sessions l WHERE NOT $2::boolean AND l.id = c.credential),\n"
    "           (SELECT t.expires_at FROM tokens t WHERE $2::boolean AND t.id = c.credential)),\n"
    "  (SELECT name FROM epoch), coalesce(x.status IN ('completed', 'failed', 'cancelled'), false)\n"
    "FROM c CROSS JOIN unnest($4::text[], $5::text[]) WITH ORDINALITY a(kind, id, place)\n"
    "LEFT JOIN LATERAL (SELECT id, last_seq FROM streams WHERE a.kind = 'stream' AND id = a.id AND workspace_id = $3\n"
    "                   AND can_read_stream(c.id, id) LIMIT 1) s ON true\n"
    "LEFT JOIN LATERAL (SELECT id, last_seq, status, room_ends_in_ms(x, $6) AS ends_in FROM agent_sessions x WHERE a.kind = 'session' AND id = a.id\n"
    "                   AND workspace_id IS NOT DISTINCT FROM $3\n"
    "                   AND can_read_session(c.id, workspace_id, stream_id, persona_id) LIMIT 1) x\n"
    "ON true\n"
    "ORDER BY a.place",
};

// A share opens the room of its session alone, until the ticket's end. The principals are the share and its maker,
// whose rights it depends on.
static const struct pg_statement share_door PG_STATEMENT = {
    "door_of_share",
    "WITH c AS MATERIALIZED (SELECT * FROM share_of_ticket($1, $3) WHERE NOT $2::boolean)\n"
    "SELECT CASE WHEN c.id IS NULL THEN 401 ELSE 200 END, c.id, c.made_by, now(), x.id IS NOT NULL, x.last_seq,\n"
    "  coalesce(x.ends_in = 0, false), c.expires_at, (SELECT name FROM epoch)\n"
    "FROM unnest($4::text[], $5::text[]) WITH ORDINALITY a(kind, id, place) LEFT JOIN c ON true\n"
    "LEFT JOIN LATERAL (SELECT id, last_seq, room_ends_in_ms(x, $6) AS ends_in FROM agent_sessions x\n"
    "                   WHERE a.kind = 'session' AND x.id = a.id AND x.id = c.session_id LIMIT 1) x ON true\n"
    "ORDER BY a.place",
};

struct store_answer store_door(struct pg *pg, const struct caller *caller, const char *kinds, const char *ids,
                               const char *end_delay_s)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, kinds, ids, end_delay_s};
    return store_statement_decide(pg, caller->is_share ? &share_door : &door, 6, params);
}

enum { DOOR_AT = ANSWER_COLUMNS, DOOR_ALLOWED, DOOR_HEAD, DOOR_ENDED, DOOR_UNTIL, DOOR_EPOCH, DOOR_FINAL };

void store_door_read_pass(const struct store_answer *answer, struct store_door_pass *pass)
{
    *pass = (struct store_door_pass){.caller_id = store_answer_body(answer),
                                     .credential_id = store_answer_problem(answer),
                                     .at_us = pg_time(answer->rows, 0, DOOR_AT),
                                     .until_us = pg_time(answer->rows, 0, DOOR_UNTIL),
                                     .epoch = pg_str(answer->rows, 0, DOOR_EPOCH)};
}

void store_door_read_room(const struct store_answer *answer, int i, struct store_door_room *room)
{
    *room = (struct store_door_room){.is_allowed = pg_bool(answer->rows, i, DOOR_ALLOWED),
                                     .is_counted = !pg_is_null(answer->rows, i, DOOR_HEAD),
                                     .has_ended = pg_bool(answer->rows, i, DOOR_ENDED),
                                     .is_final = pg_bool(answer->rows, i, DOOR_FINAL),
                                     .head = pg_i64(answer->rows, i, DOOR_HEAD)};
}
