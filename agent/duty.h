// SPDX-License-Identifier: Apache-2.0
// duty: notices that somebody wants the persona, and hands the session to the crew. It subscribes to the persona's
// room, and lists the pending sessions at the start, after every reconnect, when a run has ended, and from time to
// time, so that no session is left lying whatever was missed. Before anything else it ends the sessions that its
// predecessor left running.
#ifndef AGENT_DUTY_H
#define AGENT_DUTY_H

#include "agent/settings.h"
#include "agent/http.h"

struct duty;

struct duty *duty_new(const struct settings *settings);
void duty_free(struct duty *duty);
// Runs until duty_end() is called. Running sessions then have the configured time to finish, and are failed after it.
void duty_run(struct duty *duty);
// May be called from any thread. The first call ends the duty; a second one also ends the waiting for running sessions.
void duty_end(struct duty *duty);

#endif
