// SPDX-License-Identifier: Apache-2.0
// A listening Unix socket of an event loop.
#ifndef BASE_LISTENER_H
#define BASE_LISTENER_H

#include <stdbool.h>
#include "base/unix_socket.h"
#include "base/watch.h"

enum { LISTENER_ACCEPTS_A_TURN = 64 };

struct listener {
    struct watch watch; // readable while somebody waits
    int epoll;
    int spare;      // a descriptor that is given up when there are no others
    bool said_full; // that descriptors ran out has been logged, and none has been had since
    bool exhausted; // not even the spare is left, so callers in the queue cannot be hung up on, and it is not watched
};

#define LISTENER_NONE ((struct listener){.watch.fd = -1, .epoll = -1, .spare = -1})

// Binds and listens at `path`, in place of what a dead process left there, and watches it as `kind`. 0, or -1 (logged).
MUST_USE int listener_open(struct listener *listener, int epoll, int kind, int type, enum unix_socket_mode mode,
                           const char *path);
// Returns a new non-blocking descriptor, or -1 if there is none now. When descriptors run out, the next caller is hung
// up on rather than left in the queue, which would keep the loop spinning.
int listener_accept(struct listener *listener);
// Goes on after it was exhausted, if there is a descriptor again. To be called now and then.
void listener_recover(struct listener *listener);
void listener_close(struct listener *listener);

#endif
