#include "sse/watch.h"

#include <sys/epoll.h>

int watch_add(int epoll, struct watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, watch->fd, &event);
}

void watch_change(int epoll, struct watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    // Of a descriptor that is in the set this cannot fail.
    (void)epoll_ctl(epoll, EPOLL_CTL_MOD, watch->fd, &event);
}
