// SPDX-License-Identifier: Apache-2.0
#include "store/pusher.h"

const struct pg_statement store_pusher_news PG_STATEMENT = {
    "store_pusher_news",
    "WITH ended AS MATERIALIZED (\n"
    " SELECT s.*, coalesce(s.parent_stream_id, s.stream_id) AS root, session_json(s) AS session FROM agent_sessions s\n"
    " WHERE s.ended_at >= to_timestamp($1::bigint / 1e6) AND s.ended_at < now() - interval '1 second'),\n"
    "gone AS MATERIALIZED (SELECT m FROM messages m\n"
    " WHERE m.deleted_at >= to_timestamp($1::bigint / 1e6) AND m.deleted_at < now() - interval '1 second'),\n"
    "told AS MATERIALIZED (SELECT e.*, r.last_seq AS root_seq, sessions_active(e.root, NULL) AS running,\n"
    " string_to_array(stream_followers(e.root), ',') AS people FROM ended e LEFT JOIN streams r ON r.id = e.root),\n"
    "rooms AS (SELECT concat('workspace:', t.workspace_id, side) AS room, 'workspace:' || t.workspace_id AS spoken,\n"
    " t.* FROM told t CROSS JOIN (VALUES (''), ('.programs')) v(side)\n"
    " WHERE t.people IS NULL AND (t.root IS NOT NULL OR side = '')\n"
    " UNION ALL SELECT concat('user:', u.id, '.', t.workspace_id), 'user:me', t.*\n"
    " FROM told t CROSS JOIN unnest(t.people) u(id))\n"
    "SELECT t.id, NULL::text, NULL::text, (g.m).id FROM gone g CROSS JOIN LATERAL told_forgotten(g.m) t\n"
    "UNION ALL SELECT DISTINCT 'session:' || q.session_id, 'message:deleted',\n"
    " concat('{\"room\":\"session:', q.session_id, '\",\"messageId\":\"', q.message_id, '\"}'), q.message_id\n"
    "FROM quoted_texts q WHERE q.forgotten_at >= to_timestamp($1::bigint / 1e6)\n"
    " AND q.forgotten_at < now() - interval '1 second'\n"
    "UNION ALL SELECT 'stream:' || x.id, 'message:updated', concat('{\"room\":\"stream:', x.id, '\",\"messageId\":\"',\n"
    " t.parent_message_id, '\",\"updateType\":\"agent_activity\",\"session\":', t.session, '}'), t.id\n"
    "FROM told t CROSS JOIN unnest(ARRAY[t.parent_stream_id, t.stream_id]) x(id)\n"
    "WHERE t.parent_message_id IS NOT NULL\n"
    "UNION ALL SELECT room, 'session:changed',\n"
    " concat('{\"room\":\"', spoken, '\",\"session\":', session, '}'), id FROM rooms\n"
    "UNION ALL SELECT room, 'stream:activity', concat('{\"room\":\"', spoken, '\",\"streamId\":\"', root,\n"
    " '\",\"lastSeq\":', root_seq, ',\"running\":', running, '}'), root FROM rooms WHERE root IS NOT NULL\n"
    "UNION ALL SELECT 'persona:' || persona_id, 'agent_session:cancelled',\n"
    " concat('{\"room\":\"persona:', persona_id, '\",\"session\":', session, '}'), id\n"
    "FROM told WHERE status = 'cancelled'\n"
    "UNION ALL SELECT 'persona:' || s.persona_id, 'agent_session:requested',\n"
    " concat('{\"room\":\"persona:', s.persona_id, '\",\"session\":', session_json(s), '}'), s.id FROM agent_sessions s\n"
    " WHERE s.status = 'pending' AND s.created_at >= to_timestamp($1::bigint / 1e6)\n"
    " AND s.created_at < now() - interval '1 second'",
};

void store_pusher_news_read(struct store_pusher_news *news, const struct pg_result *rows, int row)
{
    news->room = pg_str(rows, row, 0);
    news->name = pg_str(rows, row, 1);
    news->body = pg_str(rows, row, 2);
    news->about = pg_str(rows, row, 3);
}

const struct pg_statement store_pusher_clock PG_STATEMENT = {"store_pusher_clock", "SELECT clock_timestamp()"};

const struct pg_statement store_pusher_revocations PG_STATEMENT = {
    "store_pusher_revocations",
    "SELECT principal, at FROM revocations WHERE at >= to_timestamp($1::bigint / 1e6) ORDER BY at",
};

void store_pusher_revocation_read(struct store_pusher_revocation *revocation, const struct pg_result *rows, int row)
{
    revocation->principal = pg_str(rows, row, 0);
    revocation->at_us = pg_time(rows, row, 1);
}
