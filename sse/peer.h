// SPDX-License-Identifier: Apache-2.0
// Socket options of a client's own TCP connection. Where nginx proxies, nginx keeps these duties.
#ifndef SSE_PEER_H
#define SSE_PEER_H

void peer_set(int fd);

#endif
