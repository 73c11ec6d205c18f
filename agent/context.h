// SPDX-License-Identifier: Apache-2.0
// context: gives the model the conversation, at the start and whenever something new is said, and makes each time
// visible as a `context_received` step.
#ifndef AGENT_CONTEXT_H
#define AGENT_CONTEXT_H

#include "agent/run.h"
#include "base/must.h"

// Loads the conversation, records it, subscribes to what follows. -1 if it cannot be read (run_fail was called).
int context_open(struct run *run) MUST_USE;
// Fetches events that the subscription may not have brought yet. A failure is harmless: a message that is missed makes
// a follow-up session.
void context_catch_up(struct run *run);
// Gives the model the changes since the last time, if there are any, and records them. Returns the entries of the step,
// a new reference, or NULL. `note`, if not NULL, comes before the changes.
json_t *context_inject(struct run *run, const char *note) MUST_USE;

#endif
