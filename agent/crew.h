// SPDX-License-Identifier: Apache-2.0
// crew: the sessions that are being worked on, each by a thread of its own.
//
// Each session has its own thread, because its work is one sequence of blocking calls (emitter, server, model, tools)
// and reads best as one. There are only a few at a time, each asleep in a poll, and none can hold up another one or the
// listening. A thread shares only the emitter, which is built for that, and this table. A thread is stopped by one
// atomic flag and one write that wakes its poll, so a transfer in flight ends at once.
#ifndef AGENT_CREW_H
#define AGENT_CREW_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/settings.h"
#include "agent/http.h"
#include "emitter/agenttrace.h"

struct crew;

// `home` is woken when a thread has finished. All four arguments must outlive the crew.
struct crew *crew_new(const struct settings *settings, struct trace_emitter *emitter, struct http *home,
                      const char *worker_id);
// No thread may be at work any more.
void crew_free(struct crew *crew);

// Gives a pending session to a new thread. Returns false if there is no room. A session that is already being worked on
// is left alone, and so is one that the server refused, until crew_ask_again() is called or a run has ended.
bool crew_take(struct crew *crew, const char *session_id);
void crew_ask_again(struct crew *crew);
// May be called from any thread: somebody else has ended this session, so its thread stops.
void crew_note_ended(struct crew *crew, const char *session_id, const char *status);
// Stops all threads within a moment; they fail the sessions that are not done.
void crew_stop(struct crew *crew);
// Joins the threads that have finished, and returns how many there were.
size_t crew_reap(struct crew *crew);
size_t crew_size(const struct crew *crew);

#endif
