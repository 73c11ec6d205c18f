// SPDX-License-Identifier: Apache-2.0
#include "store/mcp.h"

#include "store/statement.h"

enum { OUTCOME, PLACE, LINE };

static const struct pg_statement statements[] PG_STATEMENT = {
    {"mcp_search_sessions", "SELECT code, place, line FROM mcp_search_sessions($1, $2, $3, $4, $5, $6)"},
    {"mcp_get_session", "SELECT code, place, line FROM mcp_get_session($1, $2, $3)"},
    {"mcp_get_step", "SELECT code, place, line FROM mcp_get_step($1, $2, $3::integer, $4, $5::integer, $6::integer)"},
    {"mcp_session_errors", "SELECT code, place, line FROM mcp_session_errors($1, $2, $3, $4)"},
    {"mcp_compare_sessions", "SELECT code, place, line FROM mcp_compare_sessions($1, $2, $3, $4)"},
};

static const int arguments_of[STORE_MCP__MAX] = {
    [STORE_MCP_SEARCH_SESSIONS] = 5, [STORE_MCP_GET_SESSION] = 2, [STORE_MCP_GET_STEP] = 5,
    [STORE_MCP_SESSION_ERRORS] = 3,  [STORE_MCP_COMPARE] = 3,
};

static const struct pg_statement reader PG_STATEMENT = {
    "mcp_reader",
    "SELECT code, NULL::text, NULL::text FROM mcp_reader($1)",
};

enum store_outcome store_mcp_reader(struct pg *pg, const char *secret)
{
    struct store_answer answer = store_statement_decide(pg, &reader, 1, &secret);
    enum store_outcome outcome = answer.outcome;
    store_answer_fini(&answer);
    return outcome;
}

struct store_answer store_mcp_ask(struct pg *pg, const char *secret, enum store_mcp_tool tool,
                                  const char *const arguments[])
{
    const char *params[1 + STORE_MCP_ARGUMENTS_MAX] = {secret};
    for (int i = 0; i < arguments_of[tool]; i++)
        params[1 + i] = arguments[i];
    return store_statement_decide(pg, &statements[tool], 1 + arguments_of[tool], params);
}

void store_mcp_read(const struct store_answer *answer, int row, struct str *line, struct str *place)
{
    *line = pg_str(answer->rows, row, LINE);
    *place = pg_str(answer->rows, row, PLACE);
}
