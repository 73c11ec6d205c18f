// SPDX-License-Identifier: Apache-2.0
// scout: asks the MCP servers for their tools once when the agent starts, on a thread of its own: the first question
// does not wait for them, and the log says what is wrong with one before it is needed.
#ifndef AGENT_MCP_SCOUT_H
#define AGENT_MCP_SCOUT_H

#include "agent/mcp/catalog.h"

struct scout;

// `catalog` must outlive it.
struct scout *scout_new(struct catalog *catalog);
// Ends what it still does. NULL is nothing.
void scout_free(struct scout *scout);

#endif
