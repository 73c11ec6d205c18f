// What epoll reports on: every watched thing begins with one of these, and the loop branches on its kind.
#ifndef SSE_WATCH_H
#define SSE_WATCH_H

#include <stdint.h>
#include "lib/must.h"

enum watch_kind { WATCH_SIGNALS, WATCH_STREAMS, WATCH_HINTS, WATCH_WRITER, WATCH_CONN, WATCH_DATABASE };

struct watch {
    enum watch_kind kind;
    int fd;
};

// `events` as for epoll_ctl(2), level-triggered. 0, or -1 with errno.
MUST_USE int watch_add(int epoll, struct watch *watch, uint32_t events);
void watch_change(int epoll, struct watch *watch, uint32_t events);

#endif
