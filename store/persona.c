// SPDX-License-Identifier: Apache-2.0
#include "store/persona.h"

#include "store/statement.h"

static const struct pg_statement tell_model PG_STATEMENT = {
    "persona_tell_model",
    "WITH c AS MATERIALIZED (SELECT * FROM who_calls($1, $2, $3, 'messages:write')),\n"
    "u AS (UPDATE personas p SET model_status = $4 FROM c WHERE c.refused IS NULL AND p.id = c.id\n"
    "  AND p.model_status IS DISTINCT FROM $4 RETURNING p.id)\n"
    "SELECT coalesce(c.refused, 200), NULL::text, NULL::text FROM c LEFT JOIN u ON true",
};

struct store_answer store_persona_tell_model(struct pg *pg, const struct caller *caller, const char *status)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, status};
    return store_statement_decide(pg, &tell_model, 4, params);
}

static const struct pg_statement create PG_STATEMENT = {
    "persona_create",
    "SELECT code, name, body FROM create_persona($1, $2, $3, $4, $5, $6)",
};

struct store_answer store_persona_create(struct pg *pg, const struct caller *caller,
                                         const struct store_persona_draft *draft)
{
    const char *params[] = {caller->secret, caller->workspace, draft->name,
                            draft->slug,    draft->avatar,     draft->description};
    return store_statement_decide(pg, &create, 6, params);
}

static const struct pg_statement change PG_STATEMENT = {
    "persona_change",
    "SELECT code, name, body FROM change_persona($1, $2, $3, $4, $5, $6)",
};

struct store_answer store_persona_change(struct pg *pg, const struct caller *caller, const char *persona,
                                         const struct store_persona_draft *draft)
{
    const char *params[] = {caller->secret, caller->workspace, persona, draft->name, draft->avatar, draft->description};
    return store_statement_decide(pg, &change, 6, params);
}
