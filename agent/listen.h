// SPDX-License-Identifier: Apache-2.0
// listen: an EventSource for one or more rooms, on an `http`. It stays subscribed: after every end it reconnects with
// Last-Event-ID, after the server's `retry:` with jitter, and more slowly while the server is away. It passes on what
// it hears, and knows no rooms and no events except those about the connection itself.
#ifndef AGENT_LISTEN_H
#define AGENT_LISTEN_H

#include <jansson.h>

#include "agent/http.h"

struct listen;

struct listen_config {
    const char *url; // with the rooms in its query
    const char *token;
    const char *last_id; // where to start from; NULL: from now
    // `data` is the event's JSON object. It is called for `ready`, too: from then on nothing is missed.
    void (*on_event)(void *arg, const char *name, const json_t *data);
    void *arg;
};

// The subscription begins at the next turn of `http`, whose ticker it becomes.
struct listen *listen_new(struct http *http, const struct listen_config *config);
void listen_free(struct listen *listen);
// True from `ready` on. When that ends, a wait on `http` ends, too.
bool listen_is_live(const struct listen *listen);

#endif
