// SPDX-License-Identifier: Apache-2.0
#include "store/webhook.h"

#include "store/statement.h"

static const struct pg_statement create PG_STATEMENT = {
    "webhook_create",
    "SELECT code, name, body FROM create_webhook($1, $2, $3, $4, $5)",
};

struct store_answer store_webhook_create(struct pg *pg, const struct caller *caller,
                                         const struct store_webhook *webhook)
{
    const char *params[] = {caller->secret, caller->workspace, webhook->url, webhook->events, webhook->secret};
    return store_statement_decide(pg, &create, 5, params);
}

static const struct pg_statement list PG_STATEMENT = {
    "webhook_list",
    "SELECT code, name, body FROM list_webhooks($1, $2)",
};

struct store_answer store_webhook_list(struct pg *pg, const struct caller *caller)
{
    return store_statement_decide(pg, &list, 2, (const char *const[]){caller->secret, caller->workspace});
}

static const struct pg_statement withdraw PG_STATEMENT = {
    "webhook_withdraw",
    "SELECT code, name, body FROM withdraw_webhook($1, $2, $3)",
};

struct store_answer store_webhook_remove(struct pg *pg, const struct caller *caller, const char *id)
{
    return store_statement_decide(pg, &withdraw, 3, (const char *const[]){caller->secret, caller->workspace, id});
}

static const struct pg_statement admin_create PG_STATEMENT = {
    "webhook_admin_create",
    "SELECT id, url, array_to_string(events, ',') AS events, secret FROM make_webhook($1, $2, $3, $4, $5, $6)",
};

struct store_answer store_webhook_admin_create(struct pg *pg, const char *workspace, const char *user,
                                               const struct store_webhook *webhook, const char *actor)
{
    const char *params[] = {workspace, user, webhook->url, webhook->events, webhook->secret, actor};
    return store_statement_find(pg, &admin_create, 6, params);
}

static const struct pg_statement admin_list PG_STATEMENT = {
    "webhook_admin_list",
    "SELECT id, workspace_id AS \"workspaceId\", maker_id AS \"makerId\", url, array_to_string(events, ',') AS events,\n"
    "  created_at AS \"createdAt\", delivered_at AS \"deliveredAt\", stopped_at AS \"stoppedAt\", last_error AS \"lastError\"\n"
    "FROM webhooks WHERE $1::text IS NULL OR workspace_id = $1 ORDER BY id",
};

struct store_answer store_webhook_admin_list(struct pg *pg, const char *workspace)
{
    return store_statement_list(pg, &admin_list, 1, (const char *const[]){workspace});
}

static const struct pg_statement admin_remove PG_STATEMENT = {
    "webhook_admin_remove",
    "SELECT id, url FROM remove_webhook($1, $2)",
};

struct store_answer store_webhook_admin_remove(struct pg *pg, const char *id, const char *actor)
{
    return store_statement_find(pg, &admin_remove, 2, (const char *const[]){id, actor});
}

// Each webhook's next by the index, so that it does not matter how much waits for one of them.
static const struct pg_statement claim PG_STATEMENT = {
    "webhook_claim",
    "WITH due AS (SELECT y.id FROM webhooks w CROSS JOIN LATERAL (\n"
    "    SELECT x.id, x.due_at FROM webhook_deliveries x WHERE x.webhook_id = w.id AND x.due_at <= now()\n"
    "    ORDER BY x.due_at LIMIT $3::bigint) y\n"
    "  ORDER BY w.last_error IS NOT NULL, y.due_at LIMIT $1::bigint),\n"
    "d AS (UPDATE webhook_deliveries x SET attempts = x.attempts + 1,\n"
    "    due_at = clock_timestamp() + make_interval(secs => $2::float8)\n"
    "  WHERE x.id = ANY (ARRAY(SELECT free.id FROM due CROSS JOIN LATERAL (\n"
    "      SELECT y.id FROM webhook_deliveries y WHERE y.id = due.id AND y.due_at <= clock_timestamp()\n"
    "      FOR UPDATE SKIP LOCKED) free)) RETURNING x.*, x AS row)\n"
    "SELECT d.id, d.attempts, w.url, w.secret, webhook_body(w, d.row) FROM d JOIN webhooks w ON w.id = d.webhook_id",
};

struct store_answer store_webhook_claim(struct pg *pg, int64_t most, int64_t most_each, int64_t lease_s)
{
    struct buf n = {0}, each = {0}, lease = {0};
    buf_i64(&n, most);
    buf_i64(&each, most_each);
    buf_i64(&lease, lease_s);
    struct store_answer answer =
        store_statement_list(pg, &claim, 3, (const char *const[]){buf_cstr(&n), buf_cstr(&lease), buf_cstr(&each)});
    buf_fini(&n);
    buf_fini(&each);
    buf_fini(&lease);
    return answer;
}

void store_webhook_read(const struct store_answer *answer, int row, struct store_webhook_delivery *delivery)
{
    *delivery = (struct store_webhook_delivery){.id = pg_str(answer->rows, row, 0),
                                                .attempt = pg_i64(answer->rows, row, 1),
                                                .url = pg_str(answer->rows, row, 2),
                                                .secret = pg_str(answer->rows, row, 3),
                                                .body = pg_str(answer->rows, row, 4)};
}

static const struct pg_statement done PG_STATEMENT = {
    "webhook_done",
    "WITH d AS (DELETE FROM webhook_deliveries WHERE id = $1 RETURNING webhook_id)\n"
    "UPDATE webhooks w SET last_error = $2, delivered_at = CASE WHEN $2::text IS NULL THEN now() ELSE delivered_at END\n"
    "FROM d WHERE w.id = d.webhook_id",
};

static enum store_outcome run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[])
{
    struct store_answer answer = store_statement_list(pg, statement, n, params);
    enum store_outcome outcome = answer.outcome;
    store_answer_fini(&answer);
    return outcome;
}

enum store_outcome store_webhook_done(struct pg *pg, const char *id, const char *error)
{
    return run(pg, &done, 2, (const char *const[]){id, error});
}

static const struct pg_statement drop PG_STATEMENT = {
    "webhook_drop",
    "DELETE FROM webhook_deliveries WHERE id = $1",
};

enum store_outcome store_webhook_drop(struct pg *pg, const char *id)
{
    return run(pg, &drop, 1, (const char *const[]){id});
}

static const struct pg_statement failed PG_STATEMENT = {
    "webhook_failed",
    "WITH d AS (UPDATE webhook_deliveries SET due_at = clock_timestamp() + make_interval(secs => $3::float8)\n"
    "  WHERE id = $1 RETURNING webhook_id)\n"
    "UPDATE webhooks w SET last_error = $2 FROM d WHERE w.id = d.webhook_id",
};

enum store_outcome store_webhook_failed(struct pg *pg, const char *id, const char *error, int64_t again_s)
{
    struct buf again = {0};
    buf_i64(&again, again_s);
    enum store_outcome outcome = run(pg, &failed, 3, (const char *const[]){id, error, buf_cstr(&again)});
    buf_fini(&again);
    return outcome;
}

static const struct pg_statement stop PG_STATEMENT = {
    "webhook_stop",
    "WITH w AS (UPDATE webhooks SET stopped_at = now(), last_error = $2\n"
    "  WHERE id = (SELECT webhook_id FROM webhook_deliveries WHERE id = $1) RETURNING id)\n"
    "DELETE FROM webhook_deliveries d USING w WHERE d.webhook_id = w.id",
};

enum store_outcome store_webhook_stop(struct pg *pg, const char *id, const char *error)
{
    return run(pg, &stop, 2, (const char *const[]){id, error});
}

static const struct pg_statement put_off PG_STATEMENT = {
    "webhook_put_off",
    "UPDATE webhook_deliveries SET due_at = clock_timestamp() + make_interval(secs => $2::float8)\n"
    "WHERE webhook_id = (SELECT webhook_id FROM webhook_deliveries WHERE id = $1) AND due_at <= clock_timestamp()",
};

enum store_outcome store_webhook_put_off(struct pg *pg, const char *id, int64_t for_s)
{
    struct buf seconds = {0};
    buf_i64(&seconds, for_s);
    enum store_outcome outcome = run(pg, &put_off, 2, (const char *const[]){id, buf_cstr(&seconds)});
    buf_fini(&seconds);
    return outcome;
}
