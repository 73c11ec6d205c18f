// The two listening sockets: streams (HTTP over a Unix socket, for nginx) and hints (SEQPACKET, for the writers).
#ifndef SSE_LISTENER_H
#define SSE_LISTENER_H

#include <stdbool.h>
#include "sse/watch.h"

struct listener {
    struct watch watch;
    int type;       // SOCK_STREAM or SOCK_SEQPACKET
    int spare;      // a descriptor to give up when there are no others
    bool said_full; // logged once, until it is better
    bool exhausted; // not even the spare is left: whoever waits in the queue cannot be hung up on
};

// Binds and listens at `path`, mode 0660, in place of what a dead process left there. 0, or -1 (logged).
MUST_USE int listener_open(struct listener *listener, enum watch_kind kind, int type, const char *path);
// A new non-blocking descriptor, or -1 if there is none now. Out of descriptors, a caller is hung up on rather than
// left waiting in the queue, which would keep the loop spinning.
int listener_accept(struct listener *listener);
// Opens the spare again; until that succeeds the listener must not be watched. true, if it may be.
bool listener_recover(struct listener *listener);
void listener_close(struct listener *listener);

#endif
