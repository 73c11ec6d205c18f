// SPDX-License-Identifier: Apache-2.0
// The event loop of the relay.
#ifndef RELAY_LOOP_H
#define RELAY_LOOP_H

#include "relay/relay.h"

struct loop_paths {
    const char *hints;
    const char *links;
    const char *http;
};

// Runs until SIGTERM or SIGINT. 0, or -1 if it could not start (logged).
MUST_USE int loop_run(struct relay *relay, const struct loop_paths *paths);

#endif
