// SPDX-License-Identifier: Apache-2.0
// toolbox: the tools of all MCP servers as one session has them: its own conversation with each server that it calls.
// It belongs to the session's thread.
#ifndef AGENT_MCP_TOOLBOX_H
#define AGENT_MCP_TOOLBOX_H

#include <jansson.h>

#include "agent/http.h"
#include "agent/mcp/catalog.h"
#include "base/must.h"

struct toolbox;

// Both arguments must outlive it. `catalog` may be NULL: then there are no tools.
struct toolbox *toolbox_new(struct catalog *catalog, struct http *http);
void toolbox_free(struct toolbox *toolbox);

// Asks the servers whose tools are not known well enough, and takes what is known. May take as long as they do.
void toolbox_fill(struct toolbox *toolbox);
// All tools, in the form of listing.h; the toolbox owns them.
const json_t *toolbox_tools(const struct toolbox *toolbox);
// The tool of that offered name, or NULL.
const json_t *toolbox_find(const struct toolbox *toolbox, const char *name);
// Objects {server, sentence} of the servers that could not be asked; the toolbox owns them.
const json_t *toolbox_troubles(const struct toolbox *toolbox);

// As client_call().
enum client_end toolbox_call(struct toolbox *toolbox, const json_t *tool, json_t *arguments,
                             void (*on_progress)(void *arg, const char *text), void *arg, struct outcome *outcome,
                             char sentence[CLIENT_SENTENCE_MAX]) MUST_USE;

#endif
