/*
 * crew: the sessions being worked on, each by a thread of its own.
 *
 * A thread per session, because a session's work is one sequence of waiting calls (emitter, server, model, tools), and
 * reads best as one; there are a few at once, each asleep in a poll; and what one waits for never holds up another or
 * the listening. A thread shares with the others only the emitter, which is made for it, and this table. Stopping a
 * thread is one atomic flag and one write to wake its poll, so a transfer in flight ends at once.
 */
#ifndef AGENT_CREW_H
#define AGENT_CREW_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/config.h"
#include "agent/http.h"
#include "emitter/agenttrace.h"

struct crew;

/* `home` is woken when somebody has finished. All four must outlive it. */
struct crew *crew_new(const struct config *config, struct trace_emitter *emitter, struct http *home,
                      const char *worker_id);
/* Nobody may be at work. */
void crew_free(struct crew *crew);

/*
 * Gives a pending session to a new thread. False if there is no room. One already at work is left alone; so is one that
 * the server refused, until crew_ask_again(), or until a run is over.
 */
bool crew_take(struct crew *crew, const char *session_id);
void crew_ask_again(struct crew *crew);
/* From any thread: somebody else has ended this session, so whoever works on it stops. */
void crew_note_ended(struct crew *crew, const char *session_id, const char *status);
/* Everybody stops within a moment, and fails what is not done. */
void crew_stop(struct crew *crew);
/* Puts away those who have finished; how many there were. */
size_t crew_reap(struct crew *crew);
size_t crew_size(const struct crew *crew);

#endif
