// SPDX-License-Identifier: Apache-2.0
// The seal on a subscription (wire/subscription.h), by which a pusher knows that the door of its own machine has
// authorised it, and just now: whoever else reaches the pusher's socket, through a mistake in nginx's configuration,
// say, opens no stream.
//
//     SUBSCRIPTION&made=NANOSECONDS&mac=HEX
//
// `made` is CLOCK_MONOTONIC, which is one clock for all processes of a machine and is never set. The mac is over
// everything before "&mac=". The key is a secret (base/secret.h) in the directory of the sockets.
#ifndef WIRE_PASS_H
#define WIRE_PASS_H

#include <stdint.h>
#include "base/buf.h"

// The name of the secret's file in the directory of the sockets.
#define PASS_KEY_FILE "door.key"

enum { PASS_LASTS_S = 30 };

enum pass_outcome {
    PASS_OK,
    PASS_FORGED, // without a seal, or not sealed with this key
    PASS_OLD,    // sealed more than PASS_LASTS_S ago, or before the machine was started
    PASS_OUTCOME__MAX
};

// Seals what stands in `b` from byte `from` on. `now_ns`: CLOCK_MONOTONIC.
void pass_seal(struct buf *b, size_t from, struct str key, int64_t now_ns);

// Takes the seal off: *query is the subscription afterwards if the answer is PASS_OK.
MUST_USE enum pass_outcome pass_open(struct str *query, struct str key, int64_t now_ns);

#endif
