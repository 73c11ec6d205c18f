// SPDX-License-Identifier: Apache-2.0
// What epoll reports on. Everything that is watched has one of these, and the loop branches on its kind.
#ifndef SSE_WATCH_H
#define SSE_WATCH_H

#include <stdint.h>
#include "base/must.h"

enum watch_kind {
    WATCH_SIGNALS,
    WATCH_STREAMS,
    WATCH_HINTS,
    WATCH_WRITER,
    WATCH_HANDOFFS,
    WATCH_GIVER,
    WATCH_CONN,
    WATCH_DATABASE
};

struct watch {
    enum watch_kind kind;
    int fd;
};

// `events` as for epoll_ctl(2), level-triggered. 0, or -1 with errno.
MUST_USE int watch_add(int epoll, struct watch *watch, uint32_t events);
void watch_change(int epoll, struct watch *watch, uint32_t events);

// Closes the descriptor. It is taken out of the set first: of a client's socket nginx may still have a copy, and as
// long as there is one, epoll would go on reporting on what has been freed here (epoll(7), Q6).
void watch_close(int epoll, struct watch *watch);

#endif
