/*
 * toolwork: does what the model asked for. A tool's step is recorded before the tool runs; whatever goes wrong becomes
 * a step and an answer to the model, which may then try something else.
 */
#ifndef AGENT_TOOLWORK_H
#define AGENT_TOOLWORK_H

#include "agent/run.h"

/* All calls of an answer, one after the other, with the model's own message before their outputs. */
void toolwork_do(struct run *run, const struct chunk_answer *answer);

#endif
