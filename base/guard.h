// SPDX-License-Identifier: Apache-2.0
// guard: decides which network addresses a page named by a model or a stranger may be fetched from. Pure. The transport
// asks it at connect time about the very address it is about to connect to, so neither a redirect nor a name that
// resolves differently the second time gets around it.
#ifndef BASE_GUARD_H
#define BASE_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

// True only for a globally reachable unicast address (IANA special-purpose registries, RFC 6890).
bool guard_address_is_public(const struct sockaddr *address, socklen_t len);

#endif
