// SPDX-License-Identifier: Apache-2.0
// client: a session's conversation with one MCP server: begun when it is needed, and begun anew when it broke. Speaks
// revisions 2024-11-05 to 2025-11-25 of the protocol; offers the server nothing: no sampling, no elicitation, no roots.
#ifndef AGENT_MCP_CLIENT_H
#define AGENT_MCP_CLIENT_H

#include "agent/http.h"
#include "agent/mcp/outcome.h"
#include "agent/mcp/servers.h"
#include "base/must.h"

#define CLIENT_SENTENCE_MAX 400

struct client;

enum client_end {
    CLIENT_DONE,
    CLIENT_FAILED, // for the reason in the sentence
    CLIENT_STOPPED // the session was aborted; the server was told
};

// Nothing is begun yet. Both arguments must outlive it.
struct client *client_new(struct http *http, const struct server *server);
// Ends the conversation, and a program that was started for it.
void client_free(struct client *client);

// Appends the tools that the server offers to `tools`, in the form of listing.h. The sentence is for the log.
enum client_end client_list(struct client *client, json_t *tools, char sentence[CLIENT_SENTENCE_MAX]) MUST_USE;
// Calls a tool by the server's own name; `arguments` is an object. The sentence is for everybody who reads the trace:
// it may repeat words of the server, and is not masked. Free the outcome with outcome_fini().
enum client_end client_call(struct client *client, const char *tool, json_t *arguments,
                            void (*on_progress)(void *arg, const char *text), void *arg, struct outcome *outcome,
                            char sentence[CLIENT_SENTENCE_MAX]) MUST_USE;
// True once if the server has said that its tools are others now.
bool client_has_changed(struct client *client);

#endif
