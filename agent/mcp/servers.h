// SPDX-License-Identifier: Apache-2.0
// servers: which MCP servers lend the agent their tools: the file that TRACE_MCP_SERVERS names, read and checked. Pure.
// The file has the form that other clients have, {"mcpServers": {NAME: {…}}}, with members of our own.
#ifndef AGENT_MCP_SERVERS_H
#define AGENT_MCP_SERVERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"

#define SERVERS_MAX 16
#define SERVERS_NAME_MAX 24 // bytes of a server's name: it stands before the names of its tools

// Lists of strings end with NULL. Everything is the servers' own.
struct server {
    char *name;
    char *url;             // of streamable HTTP; NULL: it is a program
    char **headers;        // "Name: value"
    char **command;        // the program and its arguments
    char **environment;    // "NAME=value"
    char **reads;          // files and folders that the program may read, besides the system's …
    char **writes;         // … and those that it may also write
    json_t *tools;         // names of those that are offered; NULL: all
    json_t *asks;          // names of those that a person must allow each time, or true: all; NULL: none
    int64_t ask_timeout_s; // for a person to decide, after which it is not allowed
    int64_t timeout_s;     // without a sign of life, after which a call is given up
};

struct servers {
    struct server list[SERVERS_MAX];
    size_t count;
};

// Reads the file's text. -1 with a reason, and then there are none.
int servers_read(struct servers *servers, const char *json, struct buf *reason) MUST_USE;
void servers_fini(struct servers *servers);

bool server_offers(const struct server *server, const char *tool);
bool server_asks(const struct server *server, const char *tool);

#endif
