// SPDX-License-Identifier: Apache-2.0
// The two listening sockets: streams (HTTP over a Unix socket, for nginx) and hints (SEQPACKET, for the writers).
#ifndef SSE_LISTENER_H
#define SSE_LISTENER_H

#include <stdbool.h>
#include "sse/watch.h"

struct listener {
    struct watch watch;
    int spare;      // a descriptor that is given up when there are no others
    bool said_full; // that descriptors ran out has been logged, and none has been had since
    bool exhausted; // not even the spare is left, so callers in the queue cannot be hung up on
};

// Binds and listens at `path`, in place of what a dead process left there: streams for the socket's group, which is
// nginx's, hints for this user alone. 0, or -1 (logged).
MUST_USE int listener_open(struct listener *listener, enum watch_kind kind, int type, const char *path);
// Returns a new non-blocking descriptor, or -1 if there is none now. When descriptors run out, the next caller is hung
// up on rather than left in the queue, which would keep the loop spinning.
int listener_accept(struct listener *listener);
// Opens the spare again. Until this returns true the listener must not be watched.
bool listener_recover(struct listener *listener);
void listener_close(struct listener *listener);

#endif
