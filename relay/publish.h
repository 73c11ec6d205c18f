// SPDX-License-Identifier: Apache-2.0
// Subjects, and sending sealed messages to the other relays. A room's subject is trace.NAMESPACE.KIND.ID, with the
// room's side as one more word; relays talk among themselves at trace.NAMESPACE.relays, and
// each is answered at trace.NAMESPACE.relay.ITS-NUMBER.
#ifndef RELAY_PUBLISH_H
#define RELAY_PUBLISH_H

#include "relay/relay.h"

// The word behind the prefix that no kind of room has.
#define PUBLISH_RELAYS STR("relays")

// Appends the subject of the room, or of PUBLISH_RELAYS, with a NUL that is not counted.
void publish_subject(struct buf *subject, const struct relay *relay, struct str room);
// By how much our wall clock is ahead of our monotonic one now: it may be set at any time.
int64_t publish_ahead_ns(void);
// Fills in who sends it and when. 0, or -1 if NATS is away.
MUST_USE int publish(struct relay *relay, struct str room, struct seal_message message);

#endif
