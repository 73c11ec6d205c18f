// SPDX-License-Identifier: Apache-2.0
// script: a reply with its timing: the frames to send and how long to wait before each. Pure; it is complete before the
// first byte goes out.
#ifndef AGENT_DEMO_SCRIPT_H
#define AGENT_DEMO_SCRIPT_H

#include <stdbool.h>

#include "agent/demo/request.h"
#include "base/buf.h"

enum script_end { SCRIPT_KEEP, SCRIPT_CLOSE, SCRIPT_HANG };

struct script_frame {
    int delay_ms;
    struct buf bytes;
};

struct script {
    struct script_frame *frame;
    size_t count;
    size_t room;
    enum script_end end; // what happens after the last frame
};

struct script_style {
    int pace_ms; // between two tokens
    bool faults; // allowed
};

// Writes the reply to a whole request.
void script_write(struct script *script, struct request *request, const struct script_style *style);
// Writes the reply to bytes that are no request: 400 or 413, after which the connection closes.
void script_write_error(struct script *script, int status);
void script_fini(struct script *script);

#endif
