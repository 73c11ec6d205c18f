// SPDX-License-Identifier: Apache-2.0
// The event loop of the pusher. One turn handles what epoll reports, ends the streams of revoked principals, runs the
// timers, does the housekeeping, wakes the subscribers of rooms where something happened, writes, sends the next query
// to the database and frees closed connections, in this order. Each part does a bounded amount of work in a turn,
// except that a revocation ends all streams of its principal at once.
#ifndef SSE_LOOP_H
#define SSE_LOOP_H

#include "base/must.h"
#include "sse/pusher.h"

struct loop_paths {
    const char *http;
    const char *hint;
    const char *handoff;
};

// Runs until the drain that SIGTERM or SIGINT begins is over. 0, or -1 if it could not start (logged).
MUST_USE int loop_run(struct pusher *p, const struct loop_paths *paths);

#endif
