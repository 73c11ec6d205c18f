// SPDX-License-Identifier: Apache-2.0
// rest: the agent's reads over the API; the emitter does the writing. Each call is one request on the thread's `http`,
// repeated a few times while the server is away, so it may take seconds. It ends at once when the `http` is aborted.
#ifndef AGENT_REST_H
#define AGENT_REST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/http.h"
#include "base/must.h"

// Belongs to one thread. The strings are the caller's and must outlive it.
struct rest {
    struct http *http;
    const char *url; // origin
    const char *workspace;
    const char *token;
    bool is_away; // the server, and that has been logged
};

enum rest_result { REST_OK, REST_REFUSED, REST_AWAY, REST_ABORTED };

// Gets a path below /api/workspaces/{ws}/, including its query. On REST_OK `*out` is a new reference.
enum rest_result rest_get(struct rest *rest, const char *path, json_t **out) MUST_USE;
// Appends the URL of the event stream of one room.
void rest_events_url(const struct rest *rest, const char *kind, const char *id, struct buf *url);

#endif
