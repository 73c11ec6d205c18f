// SPDX-License-Identifier: Apache-2.0
// A client's own TCP connection: its socket options, and whether the client is there. Where nginx proxies, the socket
// is nginx's, which keeps these duties.
#ifndef SSE_PEER_H
#define SSE_PEER_H

#include <stdbool.h>

void peer_set(int fd);

// True if the client's machine has acknowledged something in the last minute, in which there was a ping to acknowledge.
// Of other sockets, nginx's too, it is false.
bool peer_acknowledges(int fd);

#endif
