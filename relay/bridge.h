// SPDX-License-Identifier: Apache-2.0
// The connection to NATS, and the only file that knows it. libnats has threads of its own, and its callbacks come on
// them: they do nothing but append to a queue and wake the loop, which takes what has come with bridge_take(). The
// connection is made and restored by itself; while it is away nothing is kept for later.
#ifndef RELAY_BRIDGE_H
#define RELAY_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

struct bridge;

struct bridge_settings {
    const char *url; // of one server or, with commas, of several
    const char *ca;  // file of the authorities that servers are checked against; "": TLS only if the URL says tls://
};

// What has come. `subject` and `body` are the caller's to free with bridge_arrival_fini().
struct bridge_arrival {
    char *subject;
    struct buf body;
};

// NULL if the settings cannot be used (logged). A server need not be there.
struct bridge *bridge_new(const struct bridge_settings *settings);
void bridge_free(struct bridge *bridge);
// Readable when there is something to take, or when the connection has come or gone.
int bridge_fd(const struct bridge *bridge);
bool bridge_is_up(const struct bridge *bridge);
// Why it is away, as far as libnats says; valid until the next call.
const char *bridge_error(struct bridge *bridge);

// The subscription, or NULL if there is no memory or the connection is closed for good. It outlives the connection.
void *bridge_subscribe(struct bridge *bridge, const char *subject);
void bridge_unsubscribe(struct bridge *bridge, void *subscription);
// 0, or -1 if the connection is away or took it not.
MUST_USE int bridge_publish(struct bridge *bridge, const char *subject, struct str body);

// Marks the descriptor as read. Then bridge_next() until it returns false.
void bridge_take(struct bridge *bridge);
bool bridge_next(struct bridge *bridge, struct bridge_arrival *arrival);
void bridge_arrival_fini(struct bridge_arrival *arrival);
// Messages that came while the queue was full.
uint64_t bridge_dropped(struct bridge *bridge);

#endif
