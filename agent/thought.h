/*
 * thought: one turn of the model, visible while it happens: a `thinking` step is open during the call, grows with every
 * token, and ends with the whole text and the usage. A call that broke is made again a few times, each its own step.
 */
#ifndef AGENT_THOUGHT_H
#define AGENT_THOUGHT_H

#include "agent/run.h"

/* 0 with the answer; -1 if the run is stopped or has failed (run_fail was called). Free with chunk_fini() either way.
 */
int thought_have(struct run *run, struct chunk_answer *answer) MUST_USE;

#endif
