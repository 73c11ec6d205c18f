// SPDX-License-Identifier: Apache-2.0
// outcome: what a call of an MCP tool came to: for the model as text, for people as the content of a step, and as
// sources. Pure. Everything is bounded, and what is left out is named.
#ifndef AGENT_MCP_OUTCOME_H
#define AGENT_MCP_OUTCOME_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

// Embedded; zeroed to begin with.
struct outcome {
    struct buf output; // for the model
    json_t *shown;     // for people: a string, or an array of {type: text|image|json, …}; NULL: nothing
    json_t *sources;   // as REST takes them
    bool is_error;     // says the tool itself; the output is its reason
};

// Reads the result of `tools/call`.
void outcome_read(struct outcome *outcome, const json_t *result);
void outcome_fini(struct outcome *outcome);

// Reads a progress notification's parameters; false if it is not one for `token`.
bool outcome_progress(const json_t *params, int64_t token, struct buf *text);

#endif
