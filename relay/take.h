// SPDX-License-Identifier: Apache-2.0
// What is done with the messages of the programs of this machine, and with those of the other relays.
#ifndef RELAY_TAKE_H
#define RELAY_TAKE_H

#include "relay/peers.h"

// Reads a bounded number of messages from the peer, which may be closed by it.
void take_peer(struct relay *relay, struct peer *peer);
// Closes the peer, and forgets what it followed and asked.
void take_leave(struct relay *relay, struct peer *peer);
// Takes a bounded number of messages that came by NATS. False: there may be more.
bool take_arrivals(struct relay *relay);

#endif
