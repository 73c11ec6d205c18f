// SPDX-License-Identifier: Apache-2.0
// toolwork: runs the tools that the model asks for. A tool's step is recorded before the tool runs. Whatever goes wrong
// becomes a step and an output for the model, which may then try something else.
#ifndef AGENT_TOOLWORK_H
#define AGENT_TOOLWORK_H

#include "agent/run.h"

// Runs all calls of a reply, one after the other, and puts the model's own message before their outputs.
void toolwork_do(struct run *run, struct reply *reply);

#endif
