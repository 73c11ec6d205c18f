/*
 * loop: one session from its claim to its end: context, then turns of model and tools, then the answer.
 */
#ifndef AGENT_LOOP_H
#define AGENT_LOOP_H

#include <stdatomic.h>

#include "agent/config.h"
#include "agent/http.h"
#include "emitter/agenttrace.h"

/*
 * Works on a claimed session until it has ended or `http` is aborted. `is_closing` tells, then, that it is the program
 * that ends: the session is failed, so that nobody waits for it.
 */
void loop_work(const struct config *config, struct trace_session *session, struct http *http,
               const atomic_bool *is_closing);

#endif
