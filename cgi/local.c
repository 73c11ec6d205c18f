// SPDX-License-Identifier: Apache-2.0
#include "cgi/local.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/unix_socket.h"

enum { DROPPED_MAX = 1 << 20 };

// Waits until the socket is ready. 0, or -1 when it is too late.
static int await(int fd, short events, int64_t deadline_ns)
{
    for (;;) {
        int64_t left_ns = deadline_ns - clock_mono_ns();
        if (left_ns <= 0)
            return -1;
        struct pollfd poll_fd = {.fd = fd, .events = events};
        int n = poll(&poll_fd, 1, (int)(left_ns / 1000000) + 1);
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return -1;
    }
}

int local_connect(const char *path, int64_t deadline_ns)
{
    // A program whose backlog is full counts as away.
    int fd = unix_socket_connect(path, SOCK_STREAM);
    if (fd < 0 || await(fd, POLLOUT, deadline_ns) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

int local_write(int fd, struct str bytes, int64_t deadline_ns)
{
    while (bytes.n) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n > 0)
            bytes = str_skip(bytes, (size_t)n);
        else if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -1;
        else if (await(fd, POLLOUT, deadline_ns))
            return -1;
    }
    return 0;
}

int local_read(int fd, struct buf *all, size_t most, int64_t deadline_ns)
{
    size_t end = all->n + most;
    for (;;) {
        buf_reserve(all, 4096);
        ssize_t n = recv(fd, all->p + all->n, 4096, 0);
        if (n == 0)
            return 0;
        if (n > 0) {
            all->n += (size_t)n;
            if (all->n > end)
                return -1;
        } else if (errno != EAGAIN && errno != EINTR) {
            return -1;
        } else if (await(fd, POLLIN, deadline_ns)) {
            return -1;
        }
    }
}

void local_close(int fd, int64_t deadline_ns)
{
    char dropped[4096];
    size_t left = DROPPED_MAX;
    ssize_t n = shutdown(fd, SHUT_WR) ? 0 : 1;
    while (n != 0 && left > 0) {
        n = recv(fd, dropped, sizeof dropped, 0);
        if (n > 0)
            left -= (size_t)n < left ? (size_t)n : left;
        else if (n < 0 && errno != EINTR && (errno != EAGAIN || await(fd, POLLIN, deadline_ns)))
            break;
    }
    (void)close(fd);
}
