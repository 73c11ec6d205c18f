// SPDX-License-Identifier: Apache-2.0
#include "store/ending.h"

#include "store/caller.h"
#include "store/lifecycle.h"
#include "store/notify_columns.h"
#include "store/statement.h"

enum { CHANGE = 4, FOLLOW_UP = CHANGE + NOTIFY_COLUMNS };

// Locked, if the caller may end it.
#define SESSION_TO_END                                                                                                 \
    "SELECT x.id, x.status, x.stream_id, x.persona_id, x FROM agent_sessions x\n"                                      \
    "    WHERE x.id = $4 AND x.workspace_id IS NOT DISTINCT FROM $2\n"                                                 \
    "    AND (x.persona_id = (SELECT id FROM a WHERE here AND may)\n"                                                  \
    "         OR CASE WHEN x.stream_id IS NULL THEN (SELECT is_admin FROM a WHERE here)\n"                             \
    "                 ELSE can_read_stream((SELECT id FROM a WHERE here AND type = 'user'), x.stream_id) END)\n"       \
    "    FOR NO KEY UPDATE"

// Runs before an ending with seen_seq, whose snapshot then has every message of the stream, however many are being
// posted.
static const struct pg_statement lock PG_STATEMENT = {
    "session_end_lock",
    "WITH " STORE_WRITER ",\n"
    "s AS MATERIALIZED (" SESSION_TO_END ")\n"
    "SELECT id FROM streams WHERE id = (SELECT stream_id FROM s) FOR NO KEY UPDATE",
};

// By the client's clock, if that can be.
#define ENDED_AT "given_time($11::bigint, 'epoch', clock_timestamp() + interval '5 minutes')"

// With seen_seq the stream is locked before its messages are read (unseen_message takes a new snapshot): a message
// posted at the same time either sees that the session has ended or is seen here.
static const struct pg_statement ending PG_STATEMENT = {
    "session_end",
    "WITH " STORE_WRITER ",\n"
    "s AS MATERIALIZED (" SESSION_TO_END "),\n"
    "go AS MATERIALIZED (SELECT stream_id, persona_id FROM s\n"
    "                    WHERE status = 'running' OR status = 'pending' AND $5 = 'cancelled'),\n"
    "lk AS MATERIALIZED (SELECT id FROM streams WHERE id = (SELECT stream_id FROM go)\n"
    "                    AND $9::bigint IS NOT NULL FOR NO KEY UPDATE),\n"
    "new AS MATERIALIZED (SELECT unseen_message(lk.id, go.persona_id, $9::bigint) AS id FROM lk, go),\n"
    "msg AS MATERIALIZED (SELECT id, author_id FROM messages WHERE id = (SELECT id FROM new)),\n"
    "u AS (UPDATE agent_sessions x SET status = $5, last_seq = last_seq + 1,\n"
    "          (completed_at, settled_duration_us, settled_tokens, settled_cost_usd, settled_model) =\n"
    "              (SELECT t.ended, k.* FROM (SELECT greatest(coalesce(x.started_at, x.created_at),\n"
    "                                                         coalesce(" ENDED_AT ", clock_timestamp())) AS ended) t,\n"
    "                                        session_settled(x, t.ended) k),\n"
    "          times_adjusted = times_adjusted OR $11::bigint IS NOT NULL AND " ENDED_AT " IS NULL,\n"
    "          error_code = $6, error_message = $7, response_message_id = $8,\n"
    "          (ended_by_type, ended_by_id, ended_by_name) =\n"
    "              (SELECT a.type, a.id, coalesce((SELECT name FROM users WHERE id = a.id),\n"
    "                                             (SELECT name FROM personas WHERE id = a.id)) FROM a)\n"
    "      WHERE x.id = $4 AND EXISTS (SELECT FROM go)\n"
    "      AND ((SELECT id FROM new) IS NULL OR EXISTS (SELECT FROM msg)) RETURNING " STORE_LIFECYCLE_COLUMNS "),\n"
    "f AS (INSERT INTO agent_sessions AS x (id, workspace_id, stream_id, parent_stream_id, parent_message_id,\n"
    "          persona_id, trigger_message_id, chain_id, status, last_seq)\n"
    "      SELECT $10, $2, (u.x).stream_id, (u.x).parent_stream_id, (u.x).parent_message_id, (u.x).persona_id,\n"
    "             msg.id, $10, 'pending', 1\n"
    "      FROM u, msg ON CONFLICT DO NOTHING RETURNING " STORE_LIFECYCLE_COLUMNS "),\n"
    "ev AS (INSERT INTO session_events (session_id, seq, type, session)\n"
    "       SELECT id, last_seq, 'agent_session:' || $5, core FROM u\n"
    "       UNION ALL SELECT id, last_seq, 'agent_session:requested', core FROM f),\n"
    "c AS (UPDATE streams SET last_seq = last_seq + 1 + (SELECT count(*) FROM f)\n"
    "      WHERE id = (SELECT stream_id FROM u) RETURNING id, last_seq),\n"
    "e AS (INSERT INTO stream_events (stream_id, seq, type, actor_id, session_id, session)\n"
    "      SELECT c.id, c.last_seq - (SELECT count(*) FROM f), 'agent_session:' || $5, (SELECT id FROM a),\n"
    "             u.id, u.core FROM c, u\n"
    "      UNION ALL\n"
    "      SELECT c.id, c.last_seq, 'agent_session:requested', msg.author_id, f.id, f.core FROM c, f, msg\n"
    "      RETURNING seq, created_at, actor_id, session_id)\n"
    "SELECT CASE WHEN u.id IS NOT NULL THEN 201 " STORE_REFUSALS " WHEN s.id IS NULL THEN 404\n"
    "            WHEN s.status = $5 THEN 200 WHEN EXISTS (SELECT FROM go) THEN 0 ELSE 409 END,\n"
    "       s.status, NULL::text, CASE WHEN s.status = $5 THEN session_whole_json(s.x) END, news.*, more.*\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN u ON true LEFT JOIN f ON true\n"
    "LEFT JOIN e ON e.session_id = u.id LEFT JOIN e fe ON fe.session_id = f.id\n"
    "LEFT JOIN LATERAL " STORE_LIFECYCLE_NEWS "\n"
    "LEFT JOIN LATERAL session_news(f.x, fe.seq, fe.created_at, fe.actor_id) more ON f.id IS NOT NULL",
};

static struct store_answer lock_and_end(struct pg *pg, const char *const params[])
{
    struct pg_call calls[] = {{&lock, 4, params, NULL}, {&ending, 11, params, NULL}};
    enum pg_outcome outcome = PG_AGAIN;
    for (int i = 0; i < PG_TRIES && outcome == PG_AGAIN; i++) {
        outcome = pg_pipeline(pg, calls, 2);
        if (outcome != PG_OK)
            continue;
        pg_clear(calls[0].rows);
        int decided = (int)pg_i64(calls[1].rows, 0, ANSWER_OUTCOME);
        if (decided)
            return (struct store_answer){(enum store_outcome)decided, calls[1].rows};
        pg_clear(calls[1].rows);
        outcome = PG_AGAIN;
    }
    return (struct store_answer){.outcome = store_statement_failed(outcome, &ending)};
}

struct store_answer store_ending_write(struct pg *pg, const struct caller *caller, const char *session,
                                       const struct store_ending *in)
{
    const char *params[] = {caller->secret, caller->workspace, caller->program,   session,
                            in->status,     in->error_code,    in->error_message, in->response_message,
                            in->seen_seq,   in->follow_up_id,  in->completed_us};
    return in->seen_seq ? lock_and_end(pg, params) : store_statement_decide(pg, &ending, 11, params);
}

void store_ending_read(const struct store_answer *answer, struct store_ending_seen *seen)
{
    *seen = (struct store_ending_seen){0};
    store_session_read(answer, &seen->ended);
    if (answer->outcome != STORE_WRITTEN || pg_is_null(answer->rows, 0, FOLLOW_UP))
        return;
    seen->has_follow_up = true;
    notify_columns_read(&seen->follow_up, answer->rows, 0, FOLLOW_UP);
    // Both were counted in a snapshot in which the old session still runs and the new one does not exist.
    if (!seen->ended.change.parent_stream_id.p)
        seen->ended.change.root_last_seq = seen->follow_up.stream_seq;
    seen->ended.change.others_active++;
    seen->follow_up.others_active--;
}

static const struct pg_statement retry PG_STATEMENT = {
    "session_retry",
    "WITH " STORE_WRITER ",\n"
    "s AS MATERIALIZED (" SESSION_TO_END "),\n"
    "again AS MATERIALIZED (SELECT x.id, x FROM agent_sessions x\n"
    "                       WHERE x.retry_of = $4 AND EXISTS (SELECT FROM s)),\n"
    "u AS (INSERT INTO agent_sessions AS x (id, workspace_id, stream_id, parent_stream_id, parent_message_id,\n"
    "          persona_id, title, trigger_message_id, chain_id, retry_of, attempt, status, last_seq, metadata)\n"
    "      SELECT $5, $2, (s.x).stream_id, (s.x).parent_stream_id, (s.x).parent_message_id, (s.x).persona_id,\n"
    "             (s.x).title, (s.x).trigger_message_id, (s.x).chain_id, $4, (s.x).attempt + 1, 'pending', 1,\n"
    "             (s.x).metadata\n"
    "      FROM s WHERE status IN ('failed', 'cancelled') AND NOT EXISTS (SELECT FROM again)\n"
    "      ON CONFLICT DO NOTHING RETURNING " STORE_LIFECYCLE_COLUMNS ",\n"
    "                'agent_session:requested' AS type, (SELECT id FROM a) AS actor),\n"
    " " STORE_LIFECYCLE "\n"
    "SELECT CASE WHEN u.id IS NOT NULL THEN 201 " STORE_REFUSALS " WHEN s.id IS NULL THEN 404\n"
    "            WHEN again.id IS NOT NULL THEN 200\n"
    "            WHEN s.status IN ('failed', 'cancelled') THEN 0 ELSE 409 END,\n"
    "       s.status, NULL::text, CASE WHEN again.id IS NOT NULL THEN session_whole_json(again.x) END, news.*\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN again ON true LEFT JOIN u ON true\n"
    "LEFT JOIN e ON true\n"
    "LEFT JOIN LATERAL " STORE_LIFECYCLE_NEWS,
};

struct store_answer store_ending_retry(struct pg *pg, const struct caller *caller, const char *session,
                                       const char *new_id)
{
    const char *params[] = {caller->secret, caller->workspace, caller->program, session, new_id};
    return store_statement_decide(pg, &retry, 5, params);
}
