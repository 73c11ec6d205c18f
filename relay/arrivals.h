// SPDX-License-Identifier: Apache-2.0
// What has come by NATS on libnats' threads, for the loop: a bounded queue under a lock, with a descriptor that wakes
// the loop. Whatever does not fit is dropped and counted, because the pushers compare their counters with the database.
#ifndef RELAY_ARRIVALS_H
#define RELAY_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

struct arrivals;

// `subject` and `body` are the caller's to free with arrivals_fini_one().
struct arrival {
    char *subject;
    struct buf body;
};

struct arrivals *arrivals_new(void);
void arrivals_free(struct arrivals *arrivals);

// On any thread. Both are copied.
void arrivals_put(struct arrivals *arrivals, struct str subject, struct str body);
// On any thread: makes the descriptor readable without a message.
void arrivals_wake(struct arrivals *arrivals);

int arrivals_fd(const struct arrivals *arrivals);
// Marks the descriptor as read. Then arrivals_next() until it returns false.
void arrivals_take(struct arrivals *arrivals);
bool arrivals_next(struct arrivals *arrivals, struct arrival *arrival);
void arrivals_fini_one(struct arrival *arrival);
// Messages that came while the queue was full.
uint64_t arrivals_dropped(struct arrivals *arrivals);

#endif
