// SPDX-License-Identifier: Apache-2.0
// The messages between relays: packing, understanding and checking one. Each bears HMAC-SHA-256 (RFC 2104) over its
// subject, which names the namespace, and everything in it, with the key that all machines share; and the time at which
// it was sent, so that a recorded one is worth nothing after a minute. Pure: no socket, no clock.
#ifndef RELAY_SEAL_H
#define RELAY_SEAL_H

#include <stdint.h>
#include "base/buf.h"

enum { SEAL_KEY_LEAST = 32, SEAL_SIZE_MAX = 160 * 1024, SEAL_LASTS_S = 60 };

enum seal_kind {
    SEAL_HINT,        // `body` is a packed hint (wire/hint.h)
    SEAL_REVOKED,     // rights have ended: whoever has ended their streams answers `number`
    SEAL_ACKED,       // the answer to number `number` of the machine `to`
    SEAL_TEXT_WANTED, // the texts of the room `body` are wanted by the sender
    SEAL_TEXT,        // the answer, for the machine by whose subject it comes: `body` is a packed hint
    SEAL_ALIVE,       // sent each second, so that a relay knows how many answers to wait for
    SEAL_KIND__MAX
};

struct seal_message {
    enum seal_kind kind;
    uint64_t from;    // a random number of the relay's start
    uint64_t to;      // SEAL_ACKED
    int64_t number;   // SEAL_REVOKED, SEAL_ACKED
    int64_t sent_us;  // wall clock
    int64_t ahead_ns; // by how much the sender's wall clock was ahead of its monotonic one, for the stamps of its hints
    struct str body;
};

enum seal_outcome {
    SEAL_OK,
    SEAL_MALFORMED,
    SEAL_OTHER_VERSION,
    SEAL_FORGED, // not made with this key for this subject
    SEAL_OLD,    // sent more than a minute ago, or in a minute to come
    SEAL_OUTCOME__MAX
};

// Appends the sealed message.
void seal_pack(struct buf *out, struct str key, struct str subject, const struct seal_message *message);

// Fills *message with views into `bytes` without checking the seal. SEAL_OK, SEAL_MALFORMED or SEAL_OTHER_VERSION.
MUST_USE enum seal_outcome seal_parse(struct seal_message *message, struct str bytes);

// The same, and everything is checked. `now_us`: wall clock.
MUST_USE enum seal_outcome seal_open(struct seal_message *message, struct str key, struct str subject, int64_t now_us,
                                     struct str bytes);

#endif
