// SPDX-License-Identifier: Apache-2.0
// What coding agents ask about sessions: lines of plain text, printed by migrations/functions/mcp.sql. The workspace is
// that of the token.
#ifndef STORE_MCP_H
#define STORE_MCP_H

#include "store/answer.h"

enum store_mcp_tool {
    STORE_MCP_SEARCH_SESSIONS, // q, status, since, thread, cursor
    STORE_MCP_GET_SESSION,     // session, cursor
    STORE_MCP_GET_STEP,        // session, number, part, from, length
    STORE_MCP_SESSION_ERRORS,  // session, since, cursor
    STORE_MCP_COMPARE,         // a, b, cursor
    STORE_MCP__MAX
};

enum { STORE_MCP_ARGUMENTS_MAX = 5 };

// OK for a token that may read, STRANGER, or FORBIDDEN.
MUST_USE enum store_outcome store_mcp_reader(struct pg *pg, const char *secret);

// `arguments`: those named above, NULL where absent. OK, STRANGER, FORBIDDEN, NOT_FOUND (no such session or step, or
// not to be read); UNFIT if one is no time or number.
MUST_USE struct store_answer store_mcp_ask(struct pg *pg, const char *secret, enum store_mcp_tool tool,
                                           const char *const arguments[]);

// A row's line, and the cursor with which a next call goes on behind it; STR_NONE: none.
void store_mcp_read(const struct store_answer *answer, int row, struct str *line, struct str *place);

#endif
