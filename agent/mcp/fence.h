// SPDX-License-Identifier: Apache-2.0
// fence: what a foreign program that the agent starts may do. It needs most system calls, so unlike jail.h this names
// what is refused, and which files may be reached.
#ifndef AGENT_MCP_FENCE_H
#define AGENT_MCP_FENCE_H

#include <stdbool.h>

#include "base/must.h"

#define FENCE_READ 'r'
#define FENCE_WRITE 'w'

// True if the kernel has Landlock, without which files are not restricted.
bool fence_exists(void);
// Gives up everything else, and becomes the command, which is looked for in PATH. A path's first letter is FENCE_READ
// or FENCE_WRITE. Returns an exit status, after a line on standard error, if something of that failed.
int fence_become(char *const *paths, char *const *command) MUST_USE;

#endif
