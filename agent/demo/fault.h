// SPDX-License-Identifier: Apache-2.0
// fault: the fault that a question asks for, so that tests can see how an agent takes it: `[fault:NAME]` in its text,
// or `[fault:NAME:N]` for the first N requests with that text only.
#ifndef AGENT_DEMO_FAULT_H
#define AGENT_DEMO_FAULT_H

enum fault {
    FAULT_NONE,
    FAULT_STALL,     // some tokens, then nothing
    FAULT_CUT,       // some tokens, then the connection closes
    FAULT_BUSY,      // 429 with Retry-After: 1
    FAULT_ERROR,     // 500
    FAULT_MALFORMED, // a chunk that is not JSON
    FAULT_HUGE,      // one line of 3 MiB
    FAULT_EMPTY,     // ends without an answer
    FAULT_TOOLS,     // calls a tool for ever
    FAULT_BAD_TOOL,  // calls a tool that does not exist, once
    FAULT_BAD_ARGS,  // calls a tool with arguments that are not JSON, once
    FAULT_SLOW,      // a token every 200 ms
    FAULT_SECRET,    // thinks of something that looks like a key
    FAULT__MAX
};

// Counts the requests of `[fault:NAME:N]`.
enum fault fault_of(const char *question);

#endif
