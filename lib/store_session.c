#include "lib/store_session.h"

#include "lib/store_caller.h"
#include "lib/store_lifecycle.h"

enum { ANSWER, STATUS, IN_THE_WAY, SESSION, NEWS };

void store_session_result_fini(struct store_session_result *result)
{
    PQclear(result->rows);
    result->rows = NULL;
}

int store_session_run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                      struct store_session_result *out)
{
    *out = (struct store_session_result){0};
    struct answer answer = answer_run(pg, statement, n, params);
    out->rows = answer.rows;
    if (answer.rows)
        store_session_read(answer.code, out);
    return answer.code;
}

void store_session_read(int answer, struct store_session_result *out)
{
    out->session_status = pg_str(out->rows, 0, STATUS);
    out->session_id = pg_str(out->rows, 0, IN_THE_WAY);
    out->session = pg_str(out->rows, 0, SESSION);
    if (answer == 201) {
        publish_read(&out->news, out->rows, 0, NEWS);
        out->session = out->news.session;
    }
}

// Whoever inserts first stands; the stream's counter hangs on the inserted row. What is in the way is looked up in the
// same snapshot; if it is too new to be seen there, the statement runs again. Who reads the session sees the beginning
// of its trigger: a private message starts none outside its own root.
static const struct pg_statement create PG_STATEMENT = {
    "session_create",
    "WITH " STORE_TOKEN ",\n"
    "me AS MATERIALIZED (SELECT id FROM a WHERE here AND may),\n"
    "mine AS MATERIALIZED (SELECT x.id, x.workspace_id, x.persona_id, x FROM agent_sessions x WHERE x.id = $3),\n"
    "st AS MATERIALIZED (SELECT id, root_id, parent_stream_id, parent_message_id FROM streams\n"
    "                    WHERE id = $4 AND workspace_id = $2 AND can_read_stream((SELECT id FROM me), id)),\n"
    "tr AS MATERIALIZED (SELECT m.id FROM messages m JOIN streams x ON x.id = m.stream_id\n"
    "                    JOIN streams root ON root.id = x.root_id\n"
    "                    WHERE m.id = $6 AND m.workspace_id = $2 AND m.deleted_at IS NULL\n"
    "                    AND (NOT root.private OR root.id = (SELECT root_id FROM st))\n"
    "                    AND can_read_stream((SELECT id FROM me), m.stream_id)),\n"
    "ok AS MATERIALIZED (SELECT id AS persona_id FROM me WHERE id = coalesce($5, id)\n"
    "                    AND ($4::text IS NULL OR EXISTS (SELECT FROM st))\n"
    "                    AND ($6::text IS NULL OR EXISTS (SELECT FROM tr))),\n"
    "u AS (INSERT INTO agent_sessions AS x (id, workspace_id, stream_id, parent_stream_id, parent_message_id,\n"
    "          persona_id, title, trigger_message_id, chain_id, status, last_seq, created_at, started_at,\n"
    "          heartbeat_at, metadata)\n"
    "      SELECT $3, $2, $4, st.parent_stream_id, st.parent_message_id, ok.persona_id, $7, $6, $3, 'running', 1,\n"
    "             t, t, t, $8\n"
    "      FROM clock_timestamp() t, ok LEFT JOIN st ON true WHERE NOT EXISTS (SELECT FROM mine)\n"
    "      ON CONFLICT DO NOTHING\n"
    "      RETURNING " STORE_LIFECYCLE_COLUMNS ", 'agent_session:started' AS type, x.persona_id AS actor),\n"
    " " STORE_LIFECYCLE ",\n"
    "run AS MATERIALIZED (SELECT id FROM agent_sessions WHERE stream_id = $4 AND status = 'running'\n"
    "                     AND persona_id = (SELECT persona_id FROM ok)),\n"
    "same AS MATERIALIZED (SELECT id FROM agent_sessions WHERE trigger_message_id = $6 AND retry_of IS NULL\n"
    "                      AND persona_id = (SELECT persona_id FROM ok))\n"
    "SELECT CASE WHEN u.id IS NOT NULL THEN 201 " STORE_REFUSALS "\n"
    "            WHEN mine.workspace_id = $2 AND mine.persona_id = a.id THEN 200\n"
    "            WHEN ok.persona_id IS NULL THEN 404\n"
    "            WHEN mine.id IS NOT NULL OR run.id IS NOT NULL OR same.id IS NOT NULL THEN 409 ELSE 0 END,\n"
    "       CASE WHEN run.id IS NOT NULL THEN 'running' END,\n"
    "       CASE WHEN mine.id IS NULL THEN coalesce(run.id, same.id) END,\n"
    "       CASE WHEN mine.id IS NOT NULL THEN session_json(mine.x) END, news.*\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN mine ON true LEFT JOIN ok ON true LEFT JOIN u ON true\n"
    "LEFT JOIN e ON true LEFT JOIN run ON true LEFT JOIN same ON true\n"
    "LEFT JOIN LATERAL " STORE_LIFECYCLE_NEWS,
};

int store_session_create(struct pg *pg, const struct caller *caller, const struct store_session_new *in,
                         struct store_session_result *out)
{
    const char *params[] = {caller->secret, caller->workspace, in->id,    in->stream,
                            in->persona,    in->trigger,       in->title, in->metadata};
    return store_session_run(pg, &create, 8, params, out);
}

// Two in one stream: the index of running sessions refuses the later one, which runs again and finds the other.
static const struct pg_statement claim PG_STATEMENT = {
    "session_claim",
    "WITH " STORE_TOKEN ",\n"
    "s AS MATERIALIZED (SELECT x.id, x.status, x.stream_id, x.worker_id, x FROM agent_sessions x\n"
    "                   WHERE x.id = $3 AND x.workspace_id IS NOT DISTINCT FROM $2\n"
    "                   AND x.persona_id = (SELECT id FROM a WHERE here AND may) FOR NO KEY UPDATE),\n"
    "run AS MATERIALIZED (SELECT id FROM agent_sessions WHERE stream_id = (SELECT stream_id FROM s)\n"
    "                     AND id <> $3 AND persona_id = (SELECT id FROM a) AND status = 'running'),\n"
    "u AS (UPDATE agent_sessions x SET status = 'running', worker_id = $4, last_seq = last_seq + 1,\n"
    "          started_at = greatest(created_at, clock_timestamp()), heartbeat_at = clock_timestamp()\n"
    "      WHERE x.id = $3 AND EXISTS (SELECT FROM s WHERE status = 'pending') AND NOT EXISTS (SELECT FROM run)\n"
    "      RETURNING " STORE_LIFECYCLE_COLUMNS ",\n"
    "                'agent_session:started' AS type, x.persona_id AS actor),\n"
    " " STORE_LIFECYCLE "\n"
    "SELECT CASE WHEN u.id IS NOT NULL THEN 201 " STORE_REFUSALS " WHEN s.id IS NULL THEN 404\n"
    "            WHEN s.status = 'running' AND s.worker_id = $4 THEN 200\n"
    "            WHEN s.status <> 'pending' OR run.id IS NOT NULL THEN 409 ELSE 0 END,\n"
    "       s.status, CASE WHEN s.status = 'pending' THEN run.id END,\n"
    "       CASE WHEN s.status = 'running' THEN session_json(s.x) END, news.*\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN u ON true LEFT JOIN e ON true\n"
    "LEFT JOIN run ON true\n"
    "LEFT JOIN LATERAL " STORE_LIFECYCLE_NEWS,
};

int store_session_claim(struct pg *pg, const struct caller *caller, const char *session, const char *worker,
                        struct store_session_result *out)
{
    const char *params[] = {caller->secret, caller->workspace, session, worker};
    return store_session_run(pg, &claim, 4, params, out);
}

static const struct pg_statement heartbeat PG_STATEMENT = {
    "session_heartbeat",
    "WITH " STORE_TOKEN ",\n"
    "s AS MATERIALIZED (" STORE_OWN_SESSION "),\n"
    "u AS (UPDATE agent_sessions SET heartbeat_at = clock_timestamp()\n"
    "      WHERE id = $3 AND status IS NOT DISTINCT FROM 'running' AND EXISTS (SELECT FROM s) RETURNING id)\n"
    "SELECT CASE WHEN EXISTS (SELECT FROM u) THEN 200 " STORE_REFUSALS "\n"
    "            WHEN s.status IS NULL THEN 404 WHEN s.status <> 'running' THEN 409 ELSE 0 END,\n"
    "       s.status, NULL::text, NULL::text\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true",
};

int store_session_heartbeat(struct pg *pg, const struct caller *caller, const char *session,
                            struct store_session_result *out)
{
    const char *params[] = {caller->secret, caller->workspace, session};
    return store_session_run(pg, &heartbeat, 3, params, out);
}
