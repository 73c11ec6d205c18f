// SPDX-License-Identifier: Apache-2.0
// The connection to NATS, and the only file that knows it. libnats has threads of its own, and its callbacks come on
// them: they do nothing but append to a queue (relay/arrivals.h) and wake the loop. libnats makes and restores the
// connection; but it forgets servers that refuse user, password or certificate, and closes the connection when it knows
// none any more. Where that has happened, or has lasted, a thread makes a new one. While it is away nothing is kept for
// later.
#ifndef RELAY_BRIDGE_H
#define RELAY_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

struct arrivals;
struct bridge;
struct bridge_subscription;

// Both texts must live as long as the bridge.
struct bridge_settings {
    const char *url; // of one server or, with commas, of several
    const char *ca;  // file of the authorities that servers are checked against; "": TLS only if the URL says tls://
};

// NULL if the settings cannot be used (logged). A server need not be there.
struct bridge *bridge_new(const struct bridge_settings *settings);
void bridge_free(struct bridge *bridge);
// What has come. The loop is woken, too, when the connection has come or gone.
struct arrivals *bridge_arrivals(const struct bridge *bridge);
bool bridge_is_up(const struct bridge *bridge);
// Makes the connection anew if that is due. Called when the loop is woken, and each second.
void bridge_mend(struct bridge *bridge, int64_t now_ns);
// A server was reached, and what it said or showed will not do: user, password, certificate.
bool bridge_is_refused(const struct bridge *bridge);
// Why it is away, as far as libnats says; valid until the next call. NULL: it is being found out.
const char *bridge_error(struct bridge *bridge);

// Lasts until it is ended, through all connections; before the bridge is freed. Never NULL.
struct bridge_subscription *bridge_subscribe(struct bridge *bridge, const char *subject);
void bridge_unsubscribe(struct bridge_subscription *subscription);
// 0, or -1 if the connection is away or took it not.
MUST_USE int bridge_publish(struct bridge *bridge, const char *subject, struct str body);

#endif
