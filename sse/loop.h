// The event loop of the pusher. One turn, top to bottom: hear what came, ask the database, look at the timers, write
// what there is to write, bury the dead. Each part does a bounded amount of work a turn.
#ifndef SSE_LOOP_H
#define SSE_LOOP_H

#include "lib/must.h"
#include "sse/pusher.h"

struct loop_paths {
    const char *http;
    const char *hint;
};

// Runs until SIGTERM or SIGINT and the end of the drain. 0, or -1 if it could not start (logged).
MUST_USE int loop_run(struct pusher *p, const struct loop_paths *paths);

#endif
