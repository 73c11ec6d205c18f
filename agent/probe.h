// SPDX-License-Identifier: Apache-2.0
// probe: asks the model's server which models it has, when the agent starts and from time to time, and says what is
// wrong with its address, key or model in the log and at the persona, before a question fails. It never keeps the agent
// from working: a server without such a list is as good as any.
#ifndef AGENT_PROBE_H
#define AGENT_PROBE_H

#include "agent/http.h"
#include "agent/settings.h"

struct probe;

// Begins on `http`, and goes on while that is driven.
struct probe *probe_new(struct http *http, const struct settings *settings);
void probe_free(struct probe *probe);
// Asks again if it is time: at least once a minute is often enough to call it.
void probe_look(struct probe *probe);

#endif
