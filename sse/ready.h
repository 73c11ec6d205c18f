// Who has something to write: the connections that are visited at the end of a loop turn, each at most once in the
// list, first come first served. Rooms put them in, the loop takes them out; neither knows the other.
#ifndef SSE_READY_H
#define SSE_READY_H

#include "sse/list.h"

struct ready {
    struct list list;
    size_t n;
};

static inline void ready_init(struct ready *ready)
{
    list_init(&ready->list);
    ready->n = 0;
}

static inline void ready_add(struct ready *ready, struct link *link)
{
    if (list_has(link))
        return;
    list_join(&ready->list, link);
    ready->n++;
}

static inline struct link *ready_take(struct ready *ready)
{
    struct link *link = list_take(&ready->list);
    if (link)
        ready->n--;
    return link;
}

static inline void ready_drop(struct ready *ready, struct link *link)
{
    if (!list_has(link))
        return;
    list_leave(link);
    ready->n--;
}

#endif
