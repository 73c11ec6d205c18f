/*
 * context: what the model gets to read of the conversation, at the start and when something new is said, each time
 * visible as a `context_received` step.
 */
#ifndef AGENT_CONTEXT_H
#define AGENT_CONTEXT_H

#include "agent/run.h"

/* Loads the conversation, records it, subscribes to what follows. -1 if it cannot be read (run_fail was called). */
int context_open(struct run *run) MUST_USE;
/* Fetches what the subscription may not have brought yet. Failing is harmless: what is missed makes a follow-up
 * session. */
void context_catch_up(struct run *run);
/*
 * Gives the model what has changed, if anything, and records it: the entries of the step, a new reference, or NULL.
 * `note`, if not NULL, is put before the changes.
 */
json_t *context_inject(struct run *run, const char *note) MUST_USE;

#endif
