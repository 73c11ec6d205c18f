#include "lib/store_prune.h"

static const struct pg_statement find PG_STATEMENT = {
    "prune_find",
    "SELECT id FROM agent_sessions\n"
    "WHERE id > $3 AND completed_at < now() - make_interval(secs => $1::float8) AND pruned_at IS NULL\n"
    "  AND ($2::text IS NULL OR workspace_id = $2) ORDER BY id LIMIT 200",
};

enum store_outcome store_prune_find(struct pg *pg, int64_t age_s, const char *workspace_id, const char *after,
                                    PGresult **rows)
{
    struct buf age = {0};
    buf_i64(&age, age_s);
    enum pg_outcome outcome = pg_run(pg, &find, 3, (const char *const[]){buf_cstr(&age), workspace_id, after}, rows);
    buf_fini(&age);
    return outcome == PG_OK ? STORE_OK : STORE_DOWN;
}

// checkpoint_at is part of the ETag: what browsers have kept of the trace is no longer what there is.
static const struct pg_statement prune PG_STATEMENT = {
    "prune_session",
    "WITH s AS (UPDATE agent_sessions SET pruned_at = clock_timestamp(), checkpoint_at = clock_timestamp()\n"
    "           WHERE id = $1 AND completed_at IS NOT NULL AND pruned_at IS NULL RETURNING last_seq),\n"
    "d AS (DELETE FROM steps WHERE session_id = $1 AND EXISTS (SELECT FROM s) RETURNING id),\n"
    "q AS (DELETE FROM session_sources WHERE session_id = $1 AND EXISTS (SELECT FROM s)),\n"
    "e AS (DELETE FROM session_events WHERE session_id = $1 AND seq < (SELECT last_seq FROM s))\n"
    "SELECT (SELECT count(*) FROM d) FROM s",
};

enum store_outcome store_prune_session(struct pg *pg, const char *id, int64_t *steps)
{
    PGresult *rows = NULL;
    enum pg_outcome outcome = pg_persist(pg, &prune, 1, (const char *const[]){id}, &rows);
    if (outcome != PG_OK)
        return STORE_DOWN;
    bool pruned = PQntuples(rows) > 0;
    *steps = pruned ? pg_i64(rows, 0, 0) : 0;
    PQclear(rows);
    return pruned ? STORE_OK : STORE_NOT_FOUND;
}
