// SPDX-License-Identifier: Apache-2.0
#include "store/price.h"

#include "store/caller.h"
#include "store/statement.h"

static const struct pg_statement list PG_STATEMENT = {
    "price_list",
    "WITH c AS MATERIALIZED (SELECT * FROM who_calls($1, $2, $3, 'read')),\n"
    "p AS (SELECT DISTINCT ON (x.model) x.model, x AS price FROM model_prices x\n"
    "      WHERE coalesce(x.workspace_id, '') IN ($3, '') AND EXISTS (SELECT FROM c WHERE refused IS NULL)\n"
    "      ORDER BY x.model, x.workspace_id IS NULL)\n"
    "SELECT coalesce(c.refused, 200), NULL::text,\n"
    "       (SELECT concat('{\"prices\":[', string_agg(price_json(price), ',' ORDER BY model), ']}') FROM p) FROM c",
};

struct store_answer store_price_list(struct pg *pg, const struct caller *caller)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace};
    return store_statement_decide(pg, &list, 3, params);
}

#define REPLACED                                                                                                       \
    "ON CONFLICT (model, coalesce(workspace_id, '')) DO UPDATE\n"                                                      \
    "    SET (input_usd, output_usd, cache_read_usd, cache_write_usd, source, as_of) =\n"                              \
    "        (excluded.input_usd, excluded.output_usd, excluded.cache_read_usd, excluded.cache_write_usd,\n"           \
    "         excluded.source, excluded.as_of)\n"
#define COLUMNS "workspace_id, model, input_usd, output_usd, cache_read_usd, cache_write_usd"
// What was written (p) by whom ($actor, from `by`).
#define AUDITED(action, actor, by)                                                                                     \
    "l AS (INSERT INTO audit_log (actor, action, subject, workspace_id, details)\n"                                    \
    "      SELECT " actor ", '" action "', p.model, p.workspace_id, price_json(p)::json FROM " by ")\n"

static const struct pg_statement put PG_STATEMENT = {
    "price_put",
    "WITH " STORE_ADMIN "\n"
    "SELECT coalesce(c.refused, p.code), CASE WHEN p.code = 409 THEN 'changed_meanwhile' END, price_json(p.price)\n"
    "FROM c LEFT JOIN LATERAL change_price(c.may, $3, $4, $5::numeric, $6::numeric, $7::numeric, $8::numeric,\n"
    "                                      $9::text::jsonb) p ON true",
};

struct store_answer store_price_put(struct pg *pg, const struct caller *caller, const struct store_price *price,
                                    const char *seen)
{
    const char *params[] = {caller->secret,        caller->program,        caller->workspace,
                            price->model,          price->input_usd,       price->output_usd,
                            price->cache_read_usd, price->cache_write_usd, seen};
    return store_statement_decide(pg, &put, 9, params);
}

static const struct pg_statement delete PG_STATEMENT = {
    "price_delete",
    "WITH " STORE_ADMIN "\n"
    "SELECT coalesce(c.refused, p.code), CASE WHEN p.code = 409 THEN 'changed_meanwhile' END, NULL::text\n"
    "FROM c LEFT JOIN LATERAL change_price(c.may, $3, $4, NULL, NULL, NULL, NULL, $5::text::jsonb) p ON true",
};

struct store_answer store_price_delete(struct pg *pg, const struct caller *caller, const char *model, const char *seen)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, model, seen};
    return store_statement_decide(pg, &delete, 5, params);
}

#define PRINTED                                                                                                            \
    "SELECT p.model, p.input_usd::text AS input, p.output_usd::text AS output, p.cache_read_usd::text AS \"cacheRead\",\n" \
    "       p.cache_write_usd::text AS \"cacheWrite\", w.name AS workspace, p.source, p.as_of::text AS \"asOf\"\n"         \
    "FROM "

static const struct pg_statement table PG_STATEMENT = {
    "price_table",
    PRINTED "model_prices p LEFT JOIN workspaces w ON w.id = p.workspace_id\n"
            "WHERE $1::text IS NULL OR p.workspace_id IS NULL OR p.workspace_id = $1\n"
            "ORDER BY p.model, w.name NULLS FIRST",
};

struct store_answer store_price_table(struct pg *pg, const char *workspace)
{
    return store_statement_list(pg, &table, 1, (const char *const[]){workspace});
}

static const struct pg_statement set PG_STATEMENT = {
    "price_set",
    "WITH p AS (INSERT INTO model_prices (" COLUMNS ")\n"
    "           VALUES ($1, lower($2), $3::numeric, $4::numeric, $5::numeric, $6::numeric)\n"
    "           " REPLACED "           RETURNING *),\n" AUDITED("set-price", "$7", "p") PRINTED
    "p LEFT JOIN workspaces w ON w.id = p.workspace_id",
};

struct store_answer store_price_set(struct pg *pg, const char *workspace, const struct store_price *price,
                                    const char *actor)
{
    const char *params[] = {
        workspace, price->model, price->input_usd, price->output_usd, price->cache_read_usd, price->cache_write_usd,
        actor};
    return store_statement_find(pg, &set, 7, params);
}

static const struct pg_statement remove PG_STATEMENT = {
    "price_remove",
    "WITH p AS (DELETE FROM model_prices\n"
    "           WHERE coalesce(workspace_id, '') = coalesce($1, '') AND model = lower($2) RETURNING *),\n" AUDITED(
        "remove-price", "$3", "p") PRINTED "p LEFT JOIN workspaces w ON w.id = p.workspace_id",
};

struct store_answer store_price_remove(struct pg *pg, const char *workspace, const char *model, const char *actor)
{
    return store_statement_find(pg, &remove, 3, (const char *const[]){workspace, model, actor});
}

static const struct pg_statement import PG_STATEMENT = {
    "price_import",
    "WITH p AS (INSERT INTO model_prices AS was (" COLUMNS ", source, as_of)\n"
    "           SELECT $1, lower(x.model), x.input_usd, x.output_usd, x.cache_read_usd, x.cache_write_usd, x.source,\n"
    "                  x.as_of\n"
    "           FROM json_to_recordset($2::text::json) x (model text, input_usd numeric, output_usd numeric,\n"
    "                    cache_read_usd numeric, cache_write_usd numeric, source text, as_of date)\n"
    "           " REPLACED "           WHERE was.source IS NOT NULL AND\n"
    "                 (was.input_usd, was.output_usd, was.cache_read_usd, was.cache_write_usd, was.source, was.as_of)\n"
    "                 IS DISTINCT FROM (excluded.input_usd, excluded.output_usd, excluded.cache_read_usd,\n"
    "                                   excluded.cache_write_usd, excluded.source, excluded.as_of) RETURNING *),\n"
    "l AS (INSERT INTO audit_log (actor, action, workspace_id, details)\n"
    "      SELECT $3, 'import-prices', $1, json_build_object('written', count(*)) FROM p HAVING count(*) > 0)\n"
    "SELECT count(*) FROM p",
};

enum store_outcome store_price_import(struct pg *pg, const char *workspace, const char *prices, const char *actor,
                                      int64_t *written)
{
    return store_statement_number(pg, &import, 3, (const char *const[]){workspace, prices, actor}, written);
}

static const struct pg_statement used PG_STATEMENT = {
    "price_used",
    "SELECT id FROM agent_sessions WHERE id > $2 AND ($1::text IS NULL OR workspace_id = $1) AND pruned_at IS NULL\n"
    "AND num_nonnulls(usage_model, input_tokens, output_tokens) > 0 ORDER BY id LIMIT 500",
};

struct store_answer store_price_used(struct pg *pg, const char *workspace, const char *after)
{
    return store_statement_find(pg, &used, 2, (const char *const[]){workspace, after});
}

struct str store_price_used_id(const struct store_answer *answer, int row)
{
    return pg_str(answer->rows, row, 0);
}

static const struct pg_statement recompute PG_STATEMENT = {"price_recompute", "SELECT recompute_costs($1)"};

enum store_outcome store_price_recompute(struct pg *pg, const char *session, int64_t *changed)
{
    return store_statement_number(pg, &recompute, 1, (const char *const[]){session}, changed);
}
