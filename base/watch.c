// SPDX-License-Identifier: Apache-2.0
#include "base/watch.h"

#include <sys/epoll.h>
#include <unistd.h>

int watch_add(int epoll, struct watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, watch->fd, &event);
}

void watch_change(int epoll, struct watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    // This cannot fail for a descriptor that is in the set.
    (void)epoll_ctl(epoll, EPOLL_CTL_MOD, watch->fd, &event);
}

void watch_close(int epoll, struct watch *watch)
{
    (void)epoll_ctl(epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    (void)close(watch->fd);
}
