// SPDX-License-Identifier: Apache-2.0
// catalog: what the MCP servers offer, remembered for all sessions of the process, so that no question waits for it.
// A list is asked for again when it is old or said to have changed, and sooner if the server could not be asked.
#ifndef AGENT_MCP_CATALOG_H
#define AGENT_MCP_CATALOG_H

#include <jansson.h>
#include <stdbool.h>

#include "agent/mcp/client.h"
#include "agent/mcp/servers.h"
#include "base/must.h"

struct catalog;

// `servers` must outlive it.
struct catalog *catalog_new(const struct servers *servers);
void catalog_free(struct catalog *catalog);
const struct servers *catalog_servers(const struct catalog *catalog);

// All of these may be called from any thread; `i` is the server's place in its list.

enum catalog_state {
    CATALOG_KNOWN,   // or unreachable a moment ago
    CATALOG_DUE,     // ask now, then call catalog_put(): others wait for it
    CATALOG_IN_HAND, // somebody else is asking
};
enum catalog_state catalog_look(struct catalog *catalog, size_t i);
// `tools` is consumed. NULL and no sentence: it could not be asked for reasons of ours.
void catalog_put(struct catalog *catalog, size_t i, json_t *take_tools, const char *sentence);
// The list is no longer right.
void catalog_spoil(struct catalog *catalog, size_t i);
// The tools that are known, a new reference; `sentence` is why there are none, or "".
json_t *catalog_tools(struct catalog *catalog, size_t i, char sentence[CLIENT_SENTENCE_MAX]) MUST_USE;

#endif
