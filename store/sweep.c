// SPDX-License-Identifier: Apache-2.0
#include "store/sweep.h"

#include "store/notify_columns.h"
#include "store/statement.h"

static const struct ending {
    const char *status;
    const char *code;
    const char *sentence; // for everybody who reads the stream
} endings[SWEEP__MAX] = {
    [SWEEP_HEARTBEAT_LOST] = {"running", "heartbeat_lost", "The agent stopped responding."},
    [SWEEP_SOURCE_SILENT] = {"running", "source_silent", "Nothing more was heard from the agent."},
    [SWEEP_NOT_PICKED_UP] = {"pending", "not_picked_up", "No agent took the request in time."},
};

const char *store_sweep_code(enum sweep_reason reason)
{
    return endings[reason].code;
}

static const struct pg_statement find PG_STATEMENT = {
    "sweep_find",
    "SELECT id, reason\n"
    "FROM (SELECT id, created_at, coalesce(heartbeat_at, started_at, created_at) AS heard_at,\n"
    "             CASE WHEN status = 'pending' THEN 2 WHEN silence_s IS NOT NULL THEN 1 ELSE 0 END AS reason,\n"
    "             clock_timestamp() - make_interval(secs =>\n"
    "                 CASE status WHEN 'running' THEN coalesce(silence_s, $1::float8) ELSE $2::float8 END) AS deadline\n"
    "      FROM agent_sessions WHERE status IN ('pending', 'running') AND ($3::boolean OR silence_s IS NOT NULL)) s\n"
    "WHERE heard_at < deadline AND pg_postmaster_start_time() < deadline ORDER BY created_at LIMIT 500",
};

struct store_answer store_sweep_find(struct pg *pg, const struct store_sweep_limits *limits, enum sweep_scope scope)
{
    struct buf heartbeat = {0}, pending = {0};
    buf_i64(&heartbeat, limits->heartbeat_s);
    buf_i64(&pending, limits->pending_s);
    const char *params[] = {buf_cstr(&heartbeat), buf_cstr(&pending), scope == SWEEP_ALL ? "t" : "f"};
    struct store_answer answer = store_statement_list(pg, &find, 3, params);
    buf_fini(&heartbeat);
    buf_fini(&pending);
    return answer;
}

void store_sweep_read(const struct store_answer *answer, int row, struct store_sweep_silent *session)
{
    session->id = pg_str(answer->rows, row, 0);
    session->reason = (enum sweep_reason)pg_i64(answer->rows, row, 1);
}

// $1 session, $2 status, $3 seconds unless the session has a limit of its own, $4 code, $5 sentence. Guard and silence
// are conditions of the UPDATE itself, which re-reads the newest version of the row; the stream's counter and both
// events hang on the row it returns.
static const struct pg_statement end PG_STATEMENT = {
    "sweep_end",
    "WITH s AS (\n"
    "    UPDATE agent_sessions x\n"
    "    SET status = 'failed', last_seq = last_seq + 1,\n"
    "        (completed_at, settled_duration_us, settled_tokens, settled_cost_usd, settled_model) =\n"
    "            (SELECT t.ended, k.* FROM (SELECT greatest(coalesce(x.started_at, x.created_at),\n"
    "                                                       clock_timestamp()) AS ended) t,\n"
    "                                      session_settled(x, t.ended) k),\n"
    "        error_code = $4, error_message = $5,\n"
    "        ended_by_type = 'system'\n"
    "    WHERE x.id = $1 AND x.status IS NOT DISTINCT FROM $2\n"
    "      AND coalesce(x.heartbeat_at, x.started_at, x.created_at)\n"
    "          < clock_timestamp() - make_interval(secs =>\n"
    "                CASE x.status WHEN 'running' THEN coalesce(x.silence_s, $3::float8) ELSE $3::float8 END)\n"
    "    RETURNING x AS session),\n"
    "p AS MATERIALIZED (SELECT session, session_core_json(session) AS core FROM s),\n"
    "l AS (INSERT INTO session_events (session_id, seq, type, session)\n"
    "      SELECT (session).id, (session).last_seq, 'agent_session:failed', core FROM p),\n"
    "c AS (UPDATE streams x SET last_seq = x.last_seq + 1 FROM s WHERE x.id = (s.session).stream_id\n"
    "      RETURNING x.id, x.last_seq),\n"
    "e AS (INSERT INTO stream_events (stream_id, seq, type, session_id, session)\n"
    "      SELECT c.id, c.last_seq, 'agent_session:failed', (p.session).id, p.core FROM c, p\n"
    "      RETURNING seq, created_at)\n"
    "SELECT n.* FROM s LEFT JOIN e ON true CROSS JOIN LATERAL session_news(s.session, e.seq, e.created_at, NULL) n",
};

struct store_answer store_sweep_end(struct pg *pg, const struct store_sweep_silent *session,
                                    const struct store_sweep_limits *limits, struct notify_session *change)
{
    const struct ending *ending = &endings[session->reason];
    struct buf id = {0}, seconds = {0};
    buf_str(&id, session->id);
    buf_i64(&seconds, session->reason == SWEEP_NOT_PICKED_UP ? limits->pending_s : limits->heartbeat_s);
    const char *const params[] = {buf_cstr(&id), ending->status, buf_cstr(&seconds), ending->code, ending->sentence};
    struct store_answer answer = store_statement_find(pg, &end, 5, params);
    if (answer.outcome == STORE_OK)
        notify_columns_read(change, answer.rows, 0, 0);
    buf_fini(&id);
    buf_fini(&seconds);
    return answer;
}

// Failures count for five minutes, and expired tickets open nothing. A revocation concerns streams that were opened
// before it, and no stream lasts two days.
static const struct pg_statement tidy[] PG_STATEMENT = {
    {"sweep_tidy_failures",
     "DELETE FROM login_failures WHERE ctid = ANY (ARRAY(\n"
     "    SELECT ctid FROM login_failures WHERE at < now() - interval '1 hour' ORDER BY at LIMIT 10000))"},
    {"sweep_tidy_logins",
     "DELETE FROM login_sessions WHERE id IN (\n"
     "    SELECT id FROM login_sessions WHERE expires_at < now() - interval '1 day' ORDER BY expires_at LIMIT 10000)"},
    {"sweep_tidy_invites", "DELETE FROM invites WHERE expires_at < now() - interval '30 days'"},
    {"sweep_tidy_revocations",
     "DELETE FROM revocations WHERE ctid = ANY (ARRAY(\n"
     "    SELECT ctid FROM revocations WHERE at < now() - interval '2 days' ORDER BY at LIMIT 10000))"},
    {"sweep_tidy_tickets",
     "DELETE FROM share_tickets WHERE ctid = ANY (ARRAY(\n"
     "    SELECT ctid FROM share_tickets WHERE expires_at < now() ORDER BY expires_at LIMIT 10000))"},
};

enum store_outcome store_sweep_tidy(struct pg *pg)
{
    enum store_outcome outcome = STORE_OK;
    for (size_t i = 0; outcome == STORE_OK && i < sizeof tidy / sizeof tidy[0]; i++) {
        struct store_answer answer = store_statement_list(pg, &tidy[i], 0, NULL);
        outcome = answer.outcome;
        store_answer_fini(&answer);
    }
    return outcome;
}
