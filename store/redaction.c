// SPDX-License-Identifier: Apache-2.0
#include "store/redaction.h"

#include "store/caller.h"
#include "store/statement.h"

static const struct pg_statement rules PG_STATEMENT = {
    "redaction_rules",
    "SELECT name, pattern FROM redaction_rules WHERE workspace_id = $1 ORDER BY name",
};

struct store_answer store_redaction_rules(struct pg *pg, const char *workspace_id)
{
    return store_statement_list(pg, &rules, 1, (const char *const[]){workspace_id});
}

void store_redaction_read(const struct store_answer *answer, int row, struct str *name, struct str *pattern)
{
    *name = pg_str(answer->rows, row, 0);
    *pattern = pg_str(answer->rows, row, 1);
}

static const struct pg_statement list PG_STATEMENT = {
    "redaction_list",
    "WITH " STORE_ADMIN "\n"
    "SELECT coalesce(c.refused, 200), NULL::text,\n"
    "       concat('[', (SELECT string_agg(redaction_rule_json(r), ',' ORDER BY r.name) FROM redaction_rules r\n"
    "                    WHERE r.workspace_id = $3 AND c.refused IS NULL), ']') FROM c",
};

struct store_answer store_redaction_list(struct pg *pg, const struct caller *caller)
{
    return store_statement_decide(pg, &list, 3,
                                  (const char *const[]){caller->secret, caller->program, caller->workspace});
}

static const struct pg_statement put PG_STATEMENT = {
    "redaction_put",
    "WITH " STORE_ADMIN "\n"
    "SELECT coalesce(c.refused, p.code), p.problem, redaction_rule_json(p.rule)\n"
    "FROM c LEFT JOIN LATERAL change_redaction(c.may, $3, $4, $5, $6::text::jsonb) p ON true",
};

struct store_answer store_redaction_put(struct pg *pg, const struct caller *caller, const char *name,
                                        const char *pattern, const char *seen)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, name, pattern, seen};
    return store_statement_decide(pg, &put, 6, params);
}

static const struct pg_statement remove_rule PG_STATEMENT = {
    "redaction_remove",
    "WITH " STORE_ADMIN "\n"
    "SELECT coalesce(c.refused, p.code), p.problem, NULL::text\n"
    "FROM c LEFT JOIN LATERAL change_redaction(c.may, $3, $4, NULL, $5::text::jsonb) p ON true",
};

struct store_answer store_redaction_remove(struct pg *pg, const struct caller *caller, const char *name,
                                           const char *seen)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, name, seen};
    return store_statement_decide(pg, &remove_rule, 5, params);
}

static const struct pg_statement table PG_STATEMENT = {
    "redaction_table",
    "SELECT name, pattern, changed_at AS \"changedAt\" FROM redaction_rules WHERE workspace_id = $1 ORDER BY name",
};

struct store_answer store_redaction_table(struct pg *pg, const char *workspace_id)
{
    return store_statement_list(pg, &table, 1, (const char *const[]){workspace_id});
}

static const struct pg_statement set PG_STATEMENT = {
    "redaction_set",
    "SELECT (p.rule).name AS name, (p.rule).pattern AS pattern, (p.rule).changed_at AS \"changedAt\"\n"
    "FROM put_redaction($1, $2, $3, $4) p WHERE p.code <> 409",
};

struct store_answer store_redaction_set(struct pg *pg, const char *actor, const char *workspace_id, const char *name,
                                        const char *pattern)
{
    struct store_answer answer =
        store_statement_find(pg, &set, 4, (const char *const[]){actor, workspace_id, name, pattern});
    if (answer.outcome == STORE_NOT_FOUND)
        answer.outcome = STORE_CONFLICT;
    return answer;
}

static const struct pg_statement drop PG_STATEMENT = {
    "redaction_drop",
    "SELECT $3::text AS name FROM remove_redaction($1, $2, $3) gone WHERE gone",
};

struct store_answer store_redaction_drop(struct pg *pg, const char *actor, const char *workspace_id, const char *name)
{
    return store_statement_find(pg, &drop, 3, (const char *const[]){actor, workspace_id, name});
}
