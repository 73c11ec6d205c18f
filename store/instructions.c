// SPDX-License-Identifier: Apache-2.0
#include "store/instructions.h"

#include "store/caller.h"
#include "store/statement.h"

enum { INSTRUCTIONS_OUTCOME, INSTRUCTIONS_PROMPT, INSTRUCTIONS_TOOLS };

static const struct pg_statement find PG_STATEMENT = {
    "instructions_find",
    "WITH " STORE_READER ",\n"
    "s AS MATERIALIZED (SELECT x.id, x.system_prompt, x.tools FROM agent_sessions x WHERE " STORE_READABLE(
        "$4") ")\n"
              "SELECT CASE " STORE_REFUSALS " WHEN s.id IS NULL THEN 404 ELSE 200 END, s.system_prompt, s.tools\n"
              "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true",
};

struct store_answer store_instructions_find(struct pg *pg, const struct caller *caller, const char *session,
                                            struct store_instructions *out)
{
    const char *params[] = {caller->secret, caller->workspace, caller->program, session};
    struct store_answer answer = store_statement_decide(pg, &find, 4, params);
    *out = (struct store_instructions){0};
    if (answer.outcome == STORE_OK)
        *out = (struct store_instructions){.system_prompt = pg_str(answer.rows, 0, INSTRUCTIONS_PROMPT),
                                           .tools = pg_str(answer.rows, 0, INSTRUCTIONS_TOOLS)};
    return answer;
}
