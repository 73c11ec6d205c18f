// SPDX-License-Identifier: Apache-2.0
// thought: one turn of the model, visible while it happens: a `thinking` step is open from the first try to the last,
// grows with every token, says what is waited for between two tries, and ends with the whole text and the usage.
#ifndef AGENT_THOUGHT_H
#define AGENT_THOUGHT_H

#include "agent/run.h"
#include "base/must.h"

// 0 with the reply; -1 if the run is stopped or has failed (run_fail was called). Free it with reply_fini() either way.
int thought_have(struct run *run, struct reply *reply) MUST_USE;

#endif
