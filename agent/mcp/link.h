// SPDX-License-Identifier: Apache-2.0
// link: the way to one MCP server, whichever transport it has. A link belongs to one thread and one session. Nothing
// that a server does makes it wait beyond the time that it was given, and an abort of the session ends every wait.
#ifndef AGENT_MCP_LINK_H
#define AGENT_MCP_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/http.h"
#include "agent/mcp/servers.h"
#include "base/buf.h"
#include "base/must.h"

struct link;

// The functions of a transport; each gets the link itself.
struct link_kind {
    int (*send)(struct link *link, struct str message, bool is_request);
    int (*wait)(struct link *link, int64_t ms);
    void (*settle)(struct link *link);
    void (*leave)(struct link *link, struct str farewell);
};

// Embedded at the beginning of each transport's own object.
struct link {
    const struct link_kind *kind;
    struct http *http;
    const struct server *server;
    void (*on_message)(void *arg, struct str text); // called from wait() only
    void *arg;
    const char *version; // of the protocol, once it is agreed on; NULL: not yet
    bool is_expired;     // the server has forgotten the conversation: another link may go on
    char trouble[300];   // why it is broken: of no use to people who cannot see the server
};

// Both never fail: what is wrong is found when something is sent. `http` drives the waiting.
struct link *stdio_link(struct http *http, const struct server *server) MUST_USE;
struct link *remote_link(struct http *http, const struct server *server) MUST_USE;

// Sends one message. -1 with `trouble` if the link is broken.
static inline int link_send(struct link *link, struct str message, bool is_request)
{
    return link->kind->send(link, message, is_request);
}

// Waits for at most `ms`, or until something has come, and passes on what has. -1 with `trouble` if nothing more can
// come.
static inline int link_wait(struct link *link, int64_t ms)
{
    return link->kind->wait(link, ms);
}

// The request that was sent last has been answered, or given up.
static inline void link_settle(struct link *link)
{
    link->kind->settle(link);
}

// Ends the link and frees it, also after an abort. `farewell` is a last message that the server should see; may be
// empty.
static inline void link_leave(struct link *link, struct str farewell)
{
    link->kind->leave(link, farewell);
}

void link_fail(struct link *link, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
