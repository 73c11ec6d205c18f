// SPDX-License-Identifier: Apache-2.0
#include "store/retention.h"

#include "store/caller.h"
#include "store/statement.h"

static const struct pg_statement show PG_STATEMENT = {
    "retention_show",
    "WITH " STORE_ADMIN "\n"
    "SELECT coalesce(c.refused, 200), NULL::text, CASE WHEN c.refused IS NULL THEN retention_json($3, c.id) END FROM c",
};

struct store_answer store_retention_show(struct pg *pg, const struct caller *caller)
{
    return store_statement_decide(pg, &show, 3,
                                  (const char *const[]){caller->secret, caller->program, caller->workspace});
}

// Whoever does not read the stream does not learn that it is there. The change is made in `done`, which the end waits
// for, so that it prints what there is afterwards.
#define CHANGED(change)                                                                                                   \
    "WITH " STORE_ADMIN ",\n"                                                                                             \
    "w AS MATERIALIZED (SELECT c.*, $4::text IS NULL OR can_read_stream(c.id, $4) AS reads FROM c),\n"                    \
    "x AS MATERIALIZED (SELECT w.id, CASE WHEN w.refused = 403 AND NOT w.reads THEN 404 ELSE w.refused END AS refused,\n" \
    "                          CASE WHEN w.reads THEN w.may END AS who FROM w),\n"                                        \
    "done AS MATERIALIZED (SELECT x.refused, x.id, " change " AS code FROM x)\n"                                          \
    "SELECT coalesce(refused, code), CASE WHEN code = 409 THEN 'changed_meanwhile' END,\n"                                \
    "       CASE WHEN code = 200 THEN retention_json($3, id) END FROM done"

static const struct pg_statement put PG_STATEMENT = {
    "retention_put",
    CHANGED("change_retention(x.who, $3, $4, $5::integer, $6::boolean, $7::text::jsonb)"),
};

struct store_answer store_retention_put(struct pg *pg, const struct caller *caller, const struct store_retention *rule,
                                        const char *seen)
{
    const char *params[] = {
        caller->secret, caller->program, caller->workspace, rule->stream, rule->days, rule->is_held ? "t" : "f", seen};
    return store_statement_decide(pg, &put, 7, params);
}

static const struct pg_statement remove_rule PG_STATEMENT = {
    "retention_remove",
    CHANGED("change_retention(x.who, $3, $4, NULL, NULL, $5::text::jsonb)"),
};

struct store_answer store_retention_remove(struct pg *pg, const struct caller *caller, const char *stream,
                                           const char *seen)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, stream, seen};
    return store_statement_decide(pg, &remove_rule, 5, params);
}

// $3 is an id, or "#" and the name of a channel of the workspace; what is neither stays what it is, and is not found.
#define STREAM                                                                                                         \
    "coalesce((SELECT id FROM streams WHERE workspace_id = $2 AND type = 'channel'\n"                                  \
    "          AND concat('#', lower(name)) = lower($3)), $3)"

static const struct pg_statement table PG_STATEMENT = {
    "retention_table",
    "SELECT r.stream_id AS \"streamId\", (SELECT s.name FROM streams s WHERE s.id = r.stream_id) AS name, r.days, r.held\n"
    "FROM retention_rules r WHERE r.workspace_id = $1 ORDER BY r.stream_id IS NOT NULL, name, r.stream_id",
};

struct store_answer store_retention_table(struct pg *pg, const char *workspace_id)
{
    return store_statement_list(pg, &table, 1, (const char *const[]){workspace_id});
}

static const struct pg_statement set PG_STATEMENT = {
    "retention_set",
    "SELECT " STREAM " AS \"streamId\", $4::integer AS days, $5::boolean AS held\n"
    "FROM set_retention($1, $2, " STREAM ", $4::integer, $5::boolean) found WHERE found",
};

struct store_answer store_retention_set(struct pg *pg, const char *actor, const char *workspace_id,
                                        const struct store_retention *rule)
{
    const char *params[] = {actor, workspace_id, rule->stream, rule->days, rule->is_held ? "t" : "f"};
    return store_statement_find(pg, &set, 5, params);
}

static const struct pg_statement clear PG_STATEMENT = {
    "retention_clear",
    "SELECT " STREAM " AS \"streamId\" FROM clear_retention($1, $2, " STREAM ") found WHERE found",
};

struct store_answer store_retention_clear(struct pg *pg, const char *actor, const char *workspace_id,
                                          const char *stream)
{
    return store_statement_find(pg, &clear, 3, (const char *const[]){actor, workspace_id, stream});
}
