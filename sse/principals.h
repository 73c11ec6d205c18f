// SPDX-License-Identifier: Apache-2.0
// The principals (a person, a sign-in, a token, a persona, a share) in whose name a stream was authorised, and the
// network from which it is read. They are copied into one allocation, as a stream outlives the request that named them.
#ifndef SSE_PRINCIPALS_H
#define SSE_PRINCIPALS_H

#include <stdbool.h>
#include "wire/subscription.h"

// What the network's entry begins with; no id does.
#define PRINCIPALS_NETWORK "net:"

// Appends the network's entry (base/address.h): nothing where the client's address is not known.
void principals_network(struct buf *b, struct str address);
// The entries one after the other, each with a NUL, and another NUL at the end. The caller owns the memory.
char *principals_keep(const struct subscription *subscription);
// `principals` may be NULL: there are none.
bool principals_has(const char *principals, struct str principal);

#endif
