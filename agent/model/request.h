// SPDX-License-Identifier: Apache-2.0
// request: the body of a call to /chat/completions, out of the history of a run and of what is known about the server.
// Pure. Roles alternate whatever the history looks like: neighbours of one role are merged.
#ifndef AGENT_MODEL_REQUEST_H
#define AGENT_MODEL_REQUEST_H

#include <jansson.h>

#include "agent/model/habits.h"
#include "base/must.h"

struct request_scene {
    const char *model;   // "" lets the server choose
    json_t *messages;    // the history, as the API has it
    json_t *tools;       // that are offered; empty or NULL: none
    const json_t *patch; // merged into the body (RFC 7396); NULL: nothing
    const struct habits *habits;
};

// A new reference.
json_t *request_build(const struct request_scene *scene) MUST_USE;

#endif
