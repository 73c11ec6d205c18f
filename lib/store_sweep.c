#include "lib/store_sweep.h"

static const struct ending {
    struct str status;
    const char *code;
    const char *sentence; // for everybody who reads the stream
} endings[] = {
    {{"running", 7}, "heartbeat_lost", "The agent stopped responding."},
    {{"pending", 7}, "not_picked_up", "No agent took the request in time."},
};

static const struct ending *ending_of(struct str status)
{
    return str_eq(status, endings[0].status) ? &endings[0] : &endings[1];
}

const char *store_sweep_code(struct str status)
{
    return ending_of(status)->code;
}

static const struct pg_statement find PG_STATEMENT = {
    "sweep_find",
    "SELECT id, status\n"
    "FROM (SELECT id, status, created_at, coalesce(heartbeat_at, started_at, created_at) AS heard_at,\n"
    "             clock_timestamp() - make_interval(secs =>\n"
    "                                CASE status WHEN 'running' THEN $1::float8 ELSE $2::float8 END) AS deadline\n"
    "      FROM agent_sessions WHERE status IN ('pending', 'running')) s\n"
    "WHERE heard_at < deadline AND pg_postmaster_start_time() < deadline ORDER BY created_at LIMIT 500",
};

enum store_outcome store_sweep_find(struct pg *pg, const struct store_sweep_limits *limits, PGresult **rows)
{
    struct buf heartbeat = {0}, pending = {0};
    buf_i64(&heartbeat, limits->heartbeat_s);
    buf_i64(&pending, limits->pending_s);
    enum pg_outcome outcome =
        pg_run(pg, &find, 2, (const char *const[]){buf_cstr(&heartbeat), buf_cstr(&pending)}, rows);
    buf_fini(&heartbeat);
    buf_fini(&pending);
    return outcome == PG_OK ? STORE_OK : STORE_DOWN;
}

// $1 session, $2 status, $3 seconds, $4 code, $5 sentence. Guard and silence are conditions of the UPDATE itself, which
// re-reads the newest version of the row; the stream's counter and both events hang on the row it returns.
static const struct pg_statement end PG_STATEMENT = {
    "sweep_end",
    "WITH s AS (\n"
    "    UPDATE agent_sessions x\n"
    "    SET status = 'failed', last_seq = last_seq + 1,\n"
    "        completed_at = greatest(coalesce(started_at, created_at), clock_timestamp()),\n"
    "        error_code = $4, error_message = $5,\n"
    "        ended_by_type = 'system'\n"
    "    WHERE x.id = $1 AND x.status IS NOT DISTINCT FROM $2\n"
    "      AND coalesce(x.heartbeat_at, x.started_at, x.created_at)\n"
    "          < clock_timestamp() - make_interval(secs => $3::float8)\n"
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

enum store_outcome store_sweep_end(struct pg *pg, struct str id, struct str status,
                                   const struct store_sweep_limits *limits, PGresult **rows)
{
    const struct ending *ending = ending_of(status);
    struct buf session = {0}, seconds = {0};
    buf_str(&session, id);
    buf_i64(&seconds, ending == &endings[0] ? limits->heartbeat_s : limits->pending_s);
    const char *const params[] = {buf_cstr(&session), ending->status.p, buf_cstr(&seconds), ending->code,
                                  ending->sentence};
    enum pg_outcome outcome = pg_persist(pg, &end, 5, params, rows);
    buf_fini(&session);
    buf_fini(&seconds);
    if (outcome != PG_OK)
        return STORE_DOWN;
    if (PQntuples(*rows) > 0)
        return STORE_OK;
    PQclear(*rows);
    *rows = NULL;
    return STORE_NOT_FOUND;
}

// Failures count for five minutes; a revocation matters to streams that were opened before it, and none lasts two days.
static const struct pg_statement tidy[] PG_STATEMENT = {
    {"sweep_tidy_failures",
     "DELETE FROM login_failures WHERE ctid = ANY (ARRAY(\n"
     "    SELECT ctid FROM login_failures WHERE at < now() - interval '1 hour' ORDER BY at LIMIT 10000))"},
    {"sweep_tidy_logins",
     "DELETE FROM login_sessions WHERE id IN (\n"
     "    SELECT id FROM login_sessions WHERE expires_at < now() - interval '1 day' ORDER BY expires_at LIMIT 10000)"},
    {"sweep_tidy_revocations",
     "DELETE FROM revocations WHERE ctid = ANY (ARRAY(\n"
     "    SELECT ctid FROM revocations WHERE at < now() - interval '2 days' ORDER BY at LIMIT 10000))"},
};

enum store_outcome store_sweep_tidy(struct pg *pg)
{
    for (size_t i = 0; i < sizeof tidy / sizeof tidy[0]; i++) {
        PGresult *rows = NULL;
        if (pg_run(pg, &tidy[i], 0, NULL, &rows) != PG_OK)
            return STORE_DOWN;
        PQclear(rows);
    }
    return STORE_OK;
}
