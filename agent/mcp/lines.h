// SPDX-License-Identifier: Apache-2.0
// lines: parts what a program writes into lines, cut anywhere as it arrives. Pure. A line beyond the bound is an error,
// after which it must not be fed again.
#ifndef AGENT_MCP_LINES_H
#define AGENT_MCP_LINES_H

#include "base/buf.h"
#include "base/must.h"

// Embedded; zeroed to begin with. Free it with buf_fini(&lines->rest).
struct lines {
    struct buf rest; // of a line that has not ended
};

// Calls on_line for each line that has ended, without its end; blank ones are left out. -1 beyond the bound.
int lines_feed(struct lines *lines, struct str bytes, size_t most, void (*on_line)(void *arg, struct str line),
               void *arg) MUST_USE;

#endif
