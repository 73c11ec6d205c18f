// SPDX-License-Identifier: Apache-2.0
#include "relay/arrivals.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BYTES_MAX = 32 << 20 };

struct item {
    struct item *next;
    struct arrival arrival;
};

struct arrivals {
    int wake;
    pthread_mutex_t lock; // over what follows
    struct item *first, **last;
    size_t bytes;
    uint64_t dropped;
};

struct arrivals *arrivals_new(void)
{
    struct arrivals *arrivals = mem_zero(sizeof *arrivals);
    arrivals->last = &arrivals->first;
    arrivals->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (arrivals->wake < 0 || pthread_mutex_init(&arrivals->lock, NULL))
        abort();
    return arrivals;
}

void arrivals_free(struct arrivals *arrivals)
{
    if (!arrivals)
        return;
    struct arrival arrival;
    while (arrivals_next(arrivals, &arrival))
        arrivals_fini_one(&arrival);
    (void)pthread_mutex_destroy(&arrivals->lock);
    (void)close(arrivals->wake);
    free(arrivals);
}

void arrivals_wake(struct arrivals *arrivals)
{
    uint64_t one = 1;
    // It fails only when the counter is at its end, and then the loop is awake.
    ssize_t written = write(arrivals->wake, &one, sizeof one);
    (void)written;
}

void arrivals_put(struct arrivals *arrivals, struct str subject, struct str body)
{
    struct item *item = mem_zero(sizeof *item);
    item->arrival.subject = mem_dup(subject);
    buf_str(&item->arrival.body, body);
    size_t bytes = sizeof *item + item->arrival.body.n;
    (void)pthread_mutex_lock(&arrivals->lock);
    bool fits = arrivals->bytes + bytes <= BYTES_MAX;
    if (fits) {
        *arrivals->last = item;
        arrivals->last = &item->next;
        arrivals->bytes += bytes;
    } else {
        arrivals->dropped++;
    }
    (void)pthread_mutex_unlock(&arrivals->lock);
    if (fits) {
        arrivals_wake(arrivals);
        return;
    }
    arrivals_fini_one(&item->arrival);
    free(item);
}

int arrivals_fd(const struct arrivals *arrivals)
{
    return arrivals->wake;
}

void arrivals_take(struct arrivals *arrivals)
{
    uint64_t count;
    ssize_t n = read(arrivals->wake, &count, sizeof count);
    (void)n;
}

bool arrivals_next(struct arrivals *arrivals, struct arrival *arrival)
{
    (void)pthread_mutex_lock(&arrivals->lock);
    struct item *item = arrivals->first;
    if (item) {
        arrivals->first = item->next;
        if (!arrivals->first)
            arrivals->last = &arrivals->first;
        arrivals->bytes -= sizeof *item + item->arrival.body.n;
    }
    (void)pthread_mutex_unlock(&arrivals->lock);
    if (!item)
        return false;
    *arrival = item->arrival;
    free(item);
    return true;
}

void arrivals_fini_one(struct arrival *arrival)
{
    free(arrival->subject);
    buf_fini(&arrival->body);
}

uint64_t arrivals_dropped(struct arrivals *arrivals)
{
    (void)pthread_mutex_lock(&arrivals->lock);
    uint64_t dropped = arrivals->dropped;
    (void)pthread_mutex_unlock(&arrivals->lock);
    return dropped;
}
