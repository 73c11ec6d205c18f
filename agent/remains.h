// SPDX-License-Identifier: Apache-2.0
// remains: ends the sessions that were running when this agent's predecessor died. Nobody can go on with them, since
// what the model knew went with the process. They end as failed at once, not after the heartbeat limit.
#ifndef AGENT_REMAINS_H
#define AGENT_REMAINS_H

#include "agent/rest.h"
#include "emitter/agenttrace.h"
#include "base/must.h"

// Must be called before anything is claimed under this worker id, which nobody else may have: a running session that it
// may claim is a predecessor's. Returns 0 when none is left, and -1 if the server could not be asked about all of them.
int remains_end(struct rest *rest, struct trace_emitter *emitter, const char *persona, const char *worker_id) MUST_USE;

#endif
