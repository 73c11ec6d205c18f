// SPDX-License-Identifier: Apache-2.0
// The queue of connections that have something to write. Each is in it at most once, and they are served in the order
// in which they joined. Rooms put them in and the loop takes them out; neither knows the other.
#ifndef SSE_WRITE_QUEUE_H
#define SSE_WRITE_QUEUE_H

#include "base/list.h"

struct write_queue {
    struct list list;
    size_t n;
};

static inline void write_queue_init(struct write_queue *queue)
{
    list_init(&queue->list);
    queue->n = 0;
}

static inline void write_queue_add(struct write_queue *queue, struct link *link)
{
    if (list_has(link))
        return;
    list_join(&queue->list, link);
    queue->n++;
}

static inline struct link *write_queue_take(struct write_queue *queue)
{
    struct link *link = list_take(&queue->list);
    if (link)
        queue->n--;
    return link;
}

static inline void write_queue_drop(struct write_queue *queue, struct link *link)
{
    if (!list_has(link))
        return;
    list_leave(link);
    queue->n--;
}

#endif
