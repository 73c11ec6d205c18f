// SPDX-License-Identifier: Apache-2.0
// loop: takes one session from its claim to its end: context, then turns of model and tools, then the answer.
#ifndef AGENT_LOOP_H
#define AGENT_LOOP_H

#include <stdatomic.h>

#include "agent/settings.h"
#include "agent/http.h"
#include "agent/mcp/catalog.h"
#include "agent/model/habits.h"
#include "emitter/agenttrace.h"

// Works on a claimed session until it has ended or `http` is aborted. If `is_closing` is set by then, the program is
// ending: the session is failed, so that nobody waits for it. `catalog` is of the MCP servers; NULL: there are none.
void loop_work(const struct settings *settings, struct habits *habits, struct catalog *catalog,
               struct trace_session *session, struct http *http, const atomic_bool *is_closing);

#endif
