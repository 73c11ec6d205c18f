// SPDX-License-Identifier: Apache-2.0
// child: the program of an MCP server as a process of ours. Between us and it stands this program once more, which
// gives up what the server does not need and then becomes it: no new privileges, files only as far as they were named
// (Landlock), no signals and no sockets to programs of this machine, no looking into other processes.
#ifndef AGENT_MCP_CHILD_H
#define AGENT_MCP_CHILD_H

#include <spawn.h>
#include <stdbool.h>
#include <sys/types.h>

#include "agent/mcp/servers.h"
#include "base/must.h"

// The program's argument that makes it the child, followed by the paths, "--" and the server's command.
#define CHILD_OPTION "--tool-server"

// Starts it with an environment of its own. -1 if that is impossible.
int child_spawn(const struct server *server, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, pid_t *pid) MUST_USE;
// Logs the end of a server's program. What it complained about is told only if it cannot be what people said.
void child_complain(const char *server, struct str complaint, bool may_be_told);
// Once, before any is started: our own settings are out of reach for processes of the same user; says in the log what
// the kernel lacks.
void child_prepare(void);

// The child's main: returns only if the server cannot be started.
int child_become(char **arguments);

#endif
