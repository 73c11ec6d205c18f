// SPDX-License-Identifier: Apache-2.0
// listing: the tools of an MCP server as the model is told of them. Pure. A tool's name is prefixed with its server's,
// so that it can be neither another server's nor one of our own; what is too long for a model's server is cut.
#ifndef AGENT_MCP_LISTING_H
#define AGENT_MCP_LISTING_H

#include <jansson.h>

#include "agent/mcp/servers.h"

#define LISTING_TOOLS_MAX 64 // of one server

// Appends the tools of a page of `tools/list` that the server is to offer to `list`: objects {name, server, tool,
// description, parameters, asks, askSeconds, readOnly}. Returns how many were left out because they cannot be offered.
size_t listing_add(json_t *list, const struct server *server, const json_t *page);
// The same tool as the `tools` of a request to the model have it, a new reference.
json_t *listing_describe(const json_t *tool) MUST_USE;

#endif
