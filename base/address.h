// SPDX-License-Identifier: Apache-2.0
// Whose an IP address is, as far as limits by address go: pure.
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include "base/buf.h"

// Appends the network that an address is counted as: an IPv4 address, also one that is written as IPv6, by itself; of
// an IPv6 address the first 64 bits, since a whole such network is any one subscriber's. What is no address stays as it
// is, and nothing is "-".
void address_network(struct buf *network, struct str address);

#endif
