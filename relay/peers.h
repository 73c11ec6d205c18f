// SPDX-License-Identifier: Apache-2.0
// The programs of this machine that are connected to the relay. Only those of one user are let in. Nothing that is sent
// to them is waited for.
#ifndef RELAY_PEERS_H
#define RELAY_PEERS_H

#include "base/listener.h"
#include "relay/relay.h"

struct peer {
    struct watch watch;
    enum peer_kind kind;
    unsigned link;      // PEER_LINK: its place in relay->links
    struct buf request; // PEER_CALLER: what has come of it so far
    bool is_answered;   // PEER_CALLER
    struct link all;
};

// Takes a bounded number of those who wait at the listener.
void peers_accept(struct relay *relay, struct listener *listener, enum peer_kind kind);
void peers_close(struct relay *relay, struct peer *peer);
// Sends the message to the pushers of the set, a bit each. Returns those that took it.
uint64_t peers_send(struct relay *relay, uint64_t links, struct str message);
// All pushers that are connected.
uint64_t peers_links(const struct relay *relay);

#endif
