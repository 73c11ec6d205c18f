// SPDX-License-Identifier: Apache-2.0
// plan: what the demo model thinks and says next, from a request to /chat/completions. Pure and deterministic: it
// searches the workspace for the longest words of the question, first together, then each alone; reads a page that the
// question names and searches the web if it is asked to; and then quotes what was found, or says that nothing was.
#ifndef AGENT_DEMO_PLAN_H
#define AGENT_DEMO_PLAN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/must.h"

struct plan {
    struct buf question; // as it was put, without its author's name
    struct buf reasoning;
    struct buf content;   // the answer; empty if a tool is used
    const char *tool;     // NULL: none
    const char *argument; // its name
    struct buf value;     // its value
};

// Returns -1 if the request has no list of messages. Free with plan_fini() either way.
int plan_make(const json_t *request, struct plan *plan) MUST_USE;
void plan_fini(struct plan *plan);

#endif
