// SPDX-License-Identifier: Apache-2.0
// What epoll reports on. Everything that an event loop watches has one of these, and the loop branches on its kind, an
// enum of the program's own.
#ifndef BASE_WATCH_H
#define BASE_WATCH_H

#include <stdint.h>
#include "base/must.h"

struct watch {
    int kind;
    int fd;
};

// `events` as for epoll_ctl(2), level-triggered. 0, or -1 with errno.
MUST_USE int watch_add(int epoll, struct watch *watch, uint32_t events);
void watch_change(int epoll, struct watch *watch, uint32_t events);

// Closes the descriptor. It is taken out of the set first: where another process has a copy of it, epoll would go on
// reporting on what has been freed here (epoll(7), Q6).
void watch_close(int epoll, struct watch *watch);

#endif
