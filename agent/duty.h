/*
 * duty: hears that somebody wants the persona, and has the crew see to it. It subscribes to the persona's room, and
 * lists what is pending at the start, after every reconnect, when somebody has finished, and now and then, so that
 * nothing is left lying whatever was missed. Before all else it ends what its predecessor left running.
 */
#ifndef AGENT_DUTY_H
#define AGENT_DUTY_H

#include "agent/config.h"
#include "agent/http.h"

struct duty;

struct duty *duty_new(const struct config *config);
void duty_free(struct duty *duty);
/* Until duty_end(); then what runs may finish within the configured time, and is failed after it. */
void duty_run(struct duty *duty);
/* From any thread: the first call ends the duty, a second one the waiting, too. */
void duty_end(struct duty *duty);

#endif
