#include "cgi/local_http.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "lib/clock.h"

enum { REPLY_MAX = 4 << 20 };

// Waits until the socket is ready. 0, or -1 when it is too late.
static int await(int fd, short events, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - clock_mono_ns();
        if (left <= 0)
            return -1;
        struct pollfd poll_fd = {.fd = fd, .events = events};
        int n = poll(&poll_fd, 1, (int)(left / 1000000) + 1);
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return -1;
    }
}

int local_connect(const char *path, int64_t deadline)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, n + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    // A full backlog is EAGAIN on a Unix socket, and cannot be waited for: whoever is that busy counts as away.
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 && await(fd, POLLOUT, deadline) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

int local_write(int fd, struct str bytes, int64_t deadline)
{
    while (bytes.n) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n > 0)
            bytes = str_skip(bytes, (size_t)n);
        else if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -1;
        else if (await(fd, POLLOUT, deadline))
            return -1;
    }
    return 0;
}

int local_read(int fd, struct buf *all, size_t most, int64_t deadline)
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
        } else if (await(fd, POLLIN, deadline)) {
            return -1;
        }
    }
}

// "HTTP/1.1 200 OK\r\n…\r\n\r\nBODY": the status, and *body what follows the head.
static int parse(struct str reply, struct str *body)
{
    int64_t status;
    const char *end = reply.n ? memmem(reply.p, reply.n, "\r\n\r\n", 4) : NULL;
    if (!end || !str_starts(reply, STR("HTTP/1.")) || reply.n < 12 || str_to_i64((struct str){reply.p + 9, 3}, &status))
        return -1;
    *body = str_skip(reply, (size_t)(end + 4 - reply.p));
    return (int)status;
}

int local_http_get(const char *path, struct str target, int64_t deadline, struct buf *body)
{
    struct buf bytes = {0};
    struct str rest;
    int status = -1;
    int fd = local_connect(path, deadline);
    if (fd < 0)
        return -1;
    buf_lit(&bytes, "GET ");
    buf_str(&bytes, target);
    buf_lit(&bytes, " HTTP/1.0\r\nHost: local\r\nConnection: close\r\n\r\n");
    if (local_write(fd, buf_view(&bytes), deadline))
        goto out;
    buf_clear(&bytes);
    if (local_read(fd, &bytes, REPLY_MAX, deadline))
        goto out;
    status = parse(buf_view(&bytes), &rest);
    if (status > 0)
        buf_str(body, rest);
out:
    (void)close(fd);
    buf_fini(&bytes);
    return status;
}
