// SPDX-License-Identifier: Apache-2.0
// The tools that coding agents have here (Model Context Protocol, "Tools"): their descriptions, and calling one. Every
// answer is plain text of at most MCP_ANSWER_MAX bytes, and ends with how to go on if there is more.
#ifndef CGI_MCP_TOOLS_H
#define CGI_MCP_TOOLS_H

#include "cgi/request.h"

enum { MCP_ANSWER_MAX = 20000 };

// Appends the members of a tools/list result.
void mcp_tools_print(struct buf *out);

// What came of a call that is not an answer of the tool.
enum mcp_called {
    MCP_ANSWERED,
    MCP_UNKNOWN_TOOL,
    MCP_WRONG_ARGUMENT, // *what: the name of it
    MCP_REFUSED,        // r->out is a problem, *status its status
};

// Calls the tool and appends the members of a tools/call result to `out`. `arguments` is an object or NULL.
MUST_USE enum mcp_called mcp_tools_call(struct request *r, struct str name, json_t *arguments, struct buf *out,
                                        const char **what, int *status);

#endif
