// SPDX-License-Identifier: Apache-2.0
#include "store/session.h"

#include "store/caller.h"
#include "store/lifecycle.h"
#include "store/notify_columns.h"
#include "store/statement.h"

// The columns of every statement that writes a session.
enum { OUTCOME, STATUS, IN_THE_WAY, SESSION, CHANGE };

void store_session_read(const struct store_answer *answer, struct store_session_seen *seen)
{
    const struct pg_result *rows = answer->rows;
    *seen = (struct store_session_seen){0};
    if (!rows)
        return;
    seen->session_status = pg_str(rows, 0, STATUS);
    seen->session_id = pg_str(rows, 0, IN_THE_WAY);
    seen->session = pg_str(rows, 0, SESSION);
    if (answer->outcome == STORE_WRITTEN) {
        notify_columns_read(&seen->change, rows, 0, CHANGE);
        seen->session = seen->change.session;
        seen->metadata = seen->change.metadata;
    }
}

// An external id is unique within its kind of source; without a source it has a kind of its own.
#define SOURCE_KIND "coalesce($13, CASE WHEN $14::text IS NOT NULL THEN '' END)"

// The first insertion stands, and the stream's counter depends on the inserted row. A session that is in the way is
// looked up in the same snapshot; if it is too new to be seen there, the statement runs again. Readers of the session
// see the beginning of its trigger, so a private message starts no session outside its own root.
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
    "          start_given, times_adjusted, heartbeat_at, metadata, silence_s, source, source_kind, external_id,\n"
    "          thread_key, user_key, tags, environment, project)\n"
    "      SELECT $3, $2, $4, st.parent_stream_id, st.parent_message_id, ok.persona_id, $7, $6, $3, 'running', 1,\n"
    "             t, coalesce(began, t), began IS NOT NULL, $10 IS NOT NULL AND began IS NULL, t, $8,\n"
    "             (SELECT x.silence_s FROM tokens x WHERE $11::boolean AND x.hash = " STORE_CALLER_HASHED "),\n"
    "             $12, " SOURCE_KIND ", $14, $15, $16, $17, $18, $19\n"
    "      FROM clock_timestamp() t, given_time($10, t - interval '30 days', t + interval '5 minutes') began,\n"
    "           ok LEFT JOIN st ON true WHERE NOT EXISTS (SELECT FROM mine) AND NOT $9::boolean\n"
    "      ON CONFLICT DO NOTHING\n"
    "      RETURNING " STORE_LIFECYCLE_COLUMNS ", 'agent_session:started' AS type, x.persona_id AS actor),\n"
    " " STORE_LIFECYCLE ",\n"
    "ext AS MATERIALIZED (SELECT x.id, x FROM agent_sessions x\n"
    "                     WHERE x.workspace_id = $2 AND x.persona_id = (SELECT persona_id FROM ok)\n"
    "                     AND x.source_kind = " SOURCE_KIND " AND x.external_id = $14),\n"
    "run AS MATERIALIZED (SELECT id FROM agent_sessions WHERE stream_id = $4 AND status = 'running'\n"
    "                     AND persona_id = (SELECT persona_id FROM ok)),\n"
    "same AS MATERIALIZED (SELECT id FROM agent_sessions WHERE trigger_message_id = $6 AND retry_of IS NULL\n"
    "                      AND persona_id = (SELECT persona_id FROM ok))\n"
    "SELECT CASE WHEN u.id IS NOT NULL THEN 201 " STORE_REFUSALS "\n"
    "            WHEN mine.workspace_id = $2 AND mine.persona_id = a.id THEN 200\n"
    "            WHEN ok.persona_id IS NULL THEN 404 WHEN mine.id IS NULL AND ext.id IS NOT NULL THEN 200\n"
    "            WHEN $9 AND mine.id IS NULL THEN 400\n"
    "            WHEN mine.id IS NOT NULL OR run.id IS NOT NULL OR same.id IS NOT NULL THEN 409 ELSE 0 END,\n"
    "       CASE WHEN run.id IS NOT NULL THEN 'running' END,\n"
    "       CASE WHEN mine.id IS NULL THEN coalesce(run.id, same.id) END,\n"
    "       CASE WHEN mine.id IS NOT NULL THEN session_whole_json(mine.x)\n"
    "            WHEN ext.id IS NOT NULL THEN session_whole_json(ext.x) END, news.*\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN mine ON true LEFT JOIN ok ON true LEFT JOIN u ON true\n"
    "LEFT JOIN e ON true LEFT JOIN ext ON true LEFT JOIN run ON true LEFT JOIN same ON true\n"
    "LEFT JOIN LATERAL " STORE_LIFECYCLE_NEWS,
};

struct store_answer store_session_create(struct pg *pg, const struct caller *caller, const struct store_session_new *in)
{
    const char *params[] = {caller->secret,
                            caller->workspace,
                            in->id,
                            in->stream,
                            in->persona,
                            in->trigger,
                            in->title,
                            in->metadata,
                            in->is_of_other_time ? "t" : "f",
                            in->started_us,
                            in->is_silent ? "t" : "f",
                            in->about.source,
                            in->about.source_kind,
                            in->about.external_id,
                            in->about.thread_key,
                            in->about.user_key,
                            in->about.tags,
                            in->about.environment,
                            in->about.project};
    return store_statement_decide(pg, &create, 19, params);
}

static const struct pg_statement patch PG_STATEMENT = {
    "session_patch",
    "SELECT p.code, p.status, p.problem, p.printed, (p.news).* FROM change_session($1, $2, $3, $4, $5::json) p",
};

struct store_answer store_session_patch(struct pg *pg, const struct caller *caller, const char *session,
                                        const char *said, bool *is_pruned)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, session, said};
    struct store_answer answer = store_statement_decide(pg, &patch, 5, params);
    *is_pruned = answer.rows && !pg_is_null(answer.rows, 0, IN_THE_WAY);
    return answer;
}

// If two sessions are claimed in one stream, the index of running sessions refuses the later claim, which runs again
// and finds the other session.
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
    "       CASE WHEN s.status = 'running' THEN session_whole_json(s.x) END, news.*\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN u ON true LEFT JOIN e ON true\n"
    "LEFT JOIN run ON true\n"
    "LEFT JOIN LATERAL " STORE_LIFECYCLE_NEWS,
};

struct store_answer store_session_claim(struct pg *pg, const struct caller *caller, const char *session,
                                        const char *worker)
{
    const char *params[] = {caller->secret, caller->workspace, session, worker};
    return store_statement_decide(pg, &claim, 4, params);
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

static const struct pg_statement revive PG_STATEMENT = {
    "session_revive",
    "SELECT r.code, r.status, NULL::text, NULL::text, (r.news).* FROM revive_session($1, $2, $3) r",
};

struct store_answer store_session_heartbeat(struct pg *pg, const struct caller *caller, const char *session)
{
    const char *params[] = {caller->secret, caller->workspace, session};
    struct store_answer answer = store_statement_decide(pg, &heartbeat, 3, params);
    if (answer.outcome != STORE_CONFLICT || !str_eq(pg_str(answer.rows, 0, STATUS), STR("failed")))
        return answer;
    store_answer_fini(&answer);
    return store_statement_decide(pg, &revive, 3, params);
}
