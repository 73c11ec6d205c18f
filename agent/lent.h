// SPDX-License-Identifier: Apache-2.0
// lent: the tools that MCP servers lend to a run: offered to the model beside our own, and each call a step.
#ifndef AGENT_LENT_H
#define AGENT_LENT_H

#include <stdbool.h>

#include "agent/run.h"

// Before the model is first asked: offers the tools, and shows which servers are missing.
void lent_offer(struct run *run);
// Calls the tool of that name, if there is one, and appends what the model is told. False if there is none.
bool lent_use(struct run *run, const char *name, const char *arguments, bool is_written, struct buf *output);

#endif
