// SPDX-License-Identifier: Apache-2.0
#include "store/prune.h"

#include "store/notify_columns.h"
#include "store/statement.h"

static const struct pg_statement find PG_STATEMENT = {
    "prune_find",
    "SELECT id FROM agent_sessions\n"
    "WHERE id > $3 AND completed_at < now() - make_interval(secs => $1::float8) AND pruned_at IS NULL\n"
    "  AND ($2::text IS NULL OR workspace_id = $2) AND NOT is_held(workspace_id, stream_id) ORDER BY id LIMIT 200",
};

struct store_answer store_prune_find(struct pg *pg, int64_t age_s, const char *workspace_id, const char *after)
{
    struct buf age = {0};
    buf_i64(&age, age_s);
    struct store_answer answer =
        store_statement_list(pg, &find, 3, (const char *const[]){buf_cstr(&age), workspace_id, after});
    buf_fini(&age);
    return answer;
}

// The shortest rule of a workspace bounds what is looked at; then the rule of the stream, or else the workspace's,
// decides.
static const struct pg_statement due PG_STATEMENT = {
    "prune_due",
    "SELECT s.id\n"
    "FROM (SELECT workspace_id, min(days) AS shortest, max(days) FILTER (WHERE stream_id IS NULL) AS days,\n"
    "             coalesce(bool_or(held) FILTER (WHERE stream_id IS NULL), false) AS held\n"
    "      FROM retention_rules GROUP BY workspace_id) w\n"
    "JOIN agent_sessions s ON s.workspace_id = w.workspace_id AND s.pruned_at IS NULL\n"
    "     AND s.completed_at < now() - make_interval(days => w.shortest)\n"
    "LEFT JOIN streams t ON t.id = s.stream_id\n"
    "LEFT JOIN retention_rules r ON r.workspace_id = s.workspace_id AND r.stream_id = t.root_id\n"
    "WHERE NOT w.held AND r.held IS NOT TRUE\n"
    "  AND s.completed_at < now() - make_interval(days => CASE WHEN r.stream_id IS NULL THEN w.days ELSE r.days END)\n"
    "ORDER BY s.completed_at LIMIT 100",
};

struct store_answer store_prune_due(struct pg *pg)
{
    return store_statement_list(pg, &due, 0, NULL);
}

struct str store_prune_id(const struct store_answer *answer, int row)
{
    return pg_str(answer->rows, row, 0);
}

// A statement before the pruning, whose snapshot then has every step that was being put.
static const struct pg_statement lock PG_STATEMENT = {
    "prune_lock",
    "SELECT id FROM agent_sessions WHERE id = $1 FOR NO KEY UPDATE",
};

// checkpoint_at is part of the ETag: what browsers have kept of the trace is no longer what there is. The event stands
// in the session's room alone: a channel is not made unread by what goes.
static const struct pg_statement prune PG_STATEMENT = {
    "prune_session",
    "WITH s AS (UPDATE agent_sessions x SET pruned_at = clock_timestamp(), checkpoint_at = clock_timestamp(),\n"
    "               last_seq = x.last_seq + 1, system_prompt = NULL, tools = NULL\n"
    "           WHERE x.id = $1 AND x.completed_at IS NOT NULL AND x.pruned_at IS NULL\n"
    "             AND NOT is_held(x.workspace_id, x.stream_id) RETURNING x AS session),\n"
    "d AS (DELETE FROM steps WHERE session_id = $1 AND EXISTS (SELECT FROM s) RETURNING id),\n"
    "q AS (DELETE FROM session_sources WHERE session_id = $1 AND EXISTS (SELECT FROM s)),\n"
    "t AS (DELETE FROM quoted_texts WHERE session_id = $1 AND EXISTS (SELECT FROM s)),\n"
    "e AS (DELETE FROM session_events WHERE session_id = $1 AND EXISTS (SELECT FROM s)),\n"
    "n AS (INSERT INTO session_events (session_id, seq, type)\n"
    "      SELECT (session).id, (session).last_seq, 'agent_session:updated' FROM s)\n"
    "SELECT (SELECT count(*) FROM d), news.* FROM s CROSS JOIN LATERAL session_news(s.session, NULL, NULL, NULL) news",
};

enum { PRUNED_STEPS, PRUNED_NEWS };

enum store_outcome store_prune_session(struct pg *pg, struct bus *bus, const char *id, int64_t *steps)
{
    struct pg_call calls[] = {{&lock, 1, &id, NULL}, {&prune, 1, &id, NULL}};
    *steps = 0;
    enum pg_outcome outcome = pg_persist_all(pg, calls, 2);
    if (outcome != PG_OK)
        return store_statement_failed(outcome, &prune);
    struct pg_result *rows = calls[1].rows;
    bool is_pruned = pg_rows(rows) > 0;
    if (is_pruned) {
        struct notify_session pruned;
        notify_columns_read(&pruned, rows, 0, PRUNED_NEWS);
        notify_session_pruned(bus, &pruned);
        *steps = pg_i64(rows, 0, PRUNED_STEPS);
    }
    pg_clear(calls[0].rows);
    pg_clear(rows);
    return is_pruned ? STORE_OK : STORE_NOT_FOUND;
}
