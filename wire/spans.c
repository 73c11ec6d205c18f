// SPDX-License-Identifier: Apache-2.0
#include "wire/spans.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/jw.h"
#include "base/unix_socket.h"

// The least time between two attempts to connect.
static const int64_t RETRY_NS = 100 * INT64_C(1000000);

struct spans {
    char *path;
    int fd;              // -1: not connected
    int64_t retry_at_ns; // CLOCK_MONOTONIC
};

struct spans *spans_new(const char *path)
{
    struct spans *spans = mem_zero(sizeof *spans);
    spans->path = mem_dup(str_from(path));
    spans->fd = -1;
    return spans;
}

static void hang_up(struct spans *spans)
{
    if (spans->fd >= 0)
        (void)close(spans->fd);
    spans->fd = -1;
}

void spans_free(struct spans *spans)
{
    if (!spans)
        return;
    hang_up(spans);
    free(spans->path);
    free(spans);
}

static bool is_connected(struct spans *spans)
{
    if (spans->fd >= 0)
        return true;
    int64_t now_ns = clock_mono_ns();
    if (now_ns < spans->retry_at_ns)
        return false;
    spans->fd = unix_socket_connect(spans->path, SOCK_SEQPACKET);
    spans->retry_at_ns = now_ns + RETRY_NS;
    return spans->fd >= 0;
}

// What the other side has given up since.
static int64_t given_up(const struct spans *spans)
{
    int64_t sum = 0, n = 0;
    while (recv(spans->fd, &n, sizeof n, MSG_DONTWAIT) == (ssize_t)sizeof n)
        sum += n;
    return sum;
}

int64_t spans_send(struct spans *spans, struct str span)
{
    int64_t lost = 0;
    // Only a failed send shows that the other side was restarted.
    for (int tries = 0; tries < 2 && is_connected(spans); tries++) {
        lost += given_up(spans);
        if (send(spans->fd, span.p, span.n, MSG_NOSIGNAL) >= 0)
            return lost;
        if (errno == EAGAIN || errno == ENOBUFS)
            break;
        hang_up(spans);
        spans->retry_at_ns = 0;
    }
    return lost + 1;
}

void spans_print_attribute(struct buf *out, const char *key, struct str value)
{
    jw_open(out, '{');
    jw_member(out, "key", str_from(key));
    jw_key(out, "value");
    jw_open(out, '{');
    jw_member(out, "stringValue", value);
    jw_close(out, '}');
    jw_close(out, '}');
}
