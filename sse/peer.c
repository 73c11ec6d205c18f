// SPDX-License-Identifier: Apache-2.0
#include "sse/peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

enum {
    // The kernel holds this much that is not sent yet. Beyond it the client is slow, and text is merged for it.
    UNSENT_BYTES = 16 * 1024,
    // A peer that acknowledges nothing for so long has vanished. Pings make sure that there is something to
    // acknowledge.
    USER_TIMEOUT_MS = 60 * 1000,
    KEEPALIVE_IDLE_S = 30,
    KEEPALIVE_INTERVAL_S = 10,
    KEEPALIVE_PROBES = 3,
};

static const struct option {
    int level, name, value;
} options[] = {
    {IPPROTO_TCP, TCP_NODELAY, 1},
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS},
    {SOL_SOCKET, SO_KEEPALIVE, 1},
    {IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S},
    {IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S},
    {IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES},
};

// Errors are ignored: an option that this kernel lacks costs comfort, not correctness.
void peer_set(int fd)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
}

bool peer_acknowledges(int fd)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_last_ack_recv < USER_TIMEOUT_MS;
}
