// SPDX-License-Identifier: Apache-2.0
#include "cgi/fcgi.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/unix_socket.h"

enum { SYSTEMD_FIRST = 3 };
enum { LIBRARY_BUFFER = 8192, RECORDS = 8, RECORD_HEAD = 8, RECORD_MAX = 65528, RECORD_STDOUT = 6 };
static const int64_t FOREVER = INT64_MAX;

struct fcgi {
    struct exchange exchange; // first: the ops get a pointer to it
    FCGX_Request request;
    int loop; // epoll: watches the listener
    bool is_cut;
};

static struct fcgi *of(struct exchange *x)
{
    return (struct fcgi *)x;
}

static const char *variable(struct exchange *x, const char *name)
{
    return FCGX_GetParam(name, of(x)->request.envp);
}

static size_t read_body(struct exchange *x, char *p, size_t most)
{
    size_t n = 0;
    while (n < most) {
        size_t rest = most - n;
        int got = FCGX_GetStr(p + n, rest > INT_MAX ? INT_MAX : (int)rest, of(x)->request.in);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    return n;
}

// The head of a record that carries output (FastCGI 1.0, 3.3: version, type, request, length, padding).
static void print_head(unsigned char head[RECORD_HEAD], int request, size_t n)
{
    const unsigned char bytes[RECORD_HEAD] = {1,
                                              RECORD_STDOUT,
                                              (unsigned char)(request >> 8),
                                              (unsigned char)request,
                                              (unsigned char)(n >> 8),
                                              (unsigned char)n};
    memcpy(head, bytes, sizeof bytes);
}

// Waits until the web server takes more. -1: not before `until_ms`.
static int wait_for_room(int fd, int64_t until_ms)
{
    int64_t left = until_ms - clock_mono_ms();
    struct pollfd one = {.fd = fd, .events = POLLOUT};
    return left > 0 && poll(&one, 1, left > INT_MAX ? INT_MAX : (int)left) >= 0 ? 0 : -1;
}

static int send_all(int fd, struct iovec *part, int parts, int64_t until_ms)
{
    int flags = MSG_NOSIGNAL | (until_ms == FOREVER ? 0 : MSG_DONTWAIT);
    while (parts) {
        struct msghdr message = {.msg_iov = part, .msg_iovlen = (size_t)parts};
        ssize_t n = sendmsg(fd, &message, flags);
        if (n < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_room(fd, until_ms) == 0)))
            continue;
        if (n < 0)
            return -1;
        for (; parts && (size_t)n >= part->iov_len; part++, parts--)
            n -= (ssize_t)part->iov_len;
        if (parts) {
            part->iov_base = (char *)part->iov_base + n;
            part->iov_len -= (size_t)n;
        }
    }
    return 0;
}

// libfcgi writes 8 KiB at a time, and each piece wakes the web server. Longer replies therefore bypass it, several
// records in one write.
static int write_records(FCGX_Request *request, struct str reply, int64_t until_ms)
{
    while (reply.n) {
        unsigned char head[RECORDS][RECORD_HEAD];
        struct iovec part[2 * RECORDS];
        int parts = 0;
        for (int i = 0; i < RECORDS && reply.n; i++) {
            size_t n = reply.n < RECORD_MAX ? reply.n : RECORD_MAX;
            print_head(head[i], request->requestId, n);
            part[parts++] = (struct iovec){head[i], RECORD_HEAD};
            part[parts++] = (struct iovec){(void *)(uintptr_t)reply.p, n};
            reply = str_skip(reply, n);
        }
        if (send_all(request->ipcFd, part, parts, until_ms))
            return -1;
    }
    return 0;
}

static int write_reply(struct exchange *x, struct str reply)
{
    FCGX_Request *request = &of(x)->request;
    if (reply.n > LIBRARY_BUFFER)
        return write_records(request, reply, FOREVER);
    return FCGX_PutStr(reply.p, (int)reply.n, request->out) == (int)reply.n ? 0 : -1;
}

static int send_piece(struct exchange *x, struct str piece, int64_t until_ms)
{
    return write_records(&of(x)->request, piece, until_ms);
}

// Without the record that ends a request the web server knows that the reply is not whole, and breaks it off.
static void cut(struct exchange *x)
{
    FCGX_Request *request = &of(x)->request;
    of(x)->is_cut = true;
    (void)FCGX_Detach(request);
    FCGX_Free(request, 1);
    (void)FCGX_Attach(request);
}

static const struct exchange_ops ops = {variable, read_body, write_reply, send_piece, cut};

// The descriptor that systemd passed under the name, or -1.
static int from_systemd(const char *name)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
    int64_t pid_number, count;
    if (!pid || !fds || !names || str_to_i64(str_from(pid), &pid_number) || pid_number != (int64_t)getpid() ||
        str_to_i64(str_from(fds), &count))
        return -1;
    struct str rest = str_from(names);
    for (int i = 0; i < count && rest.p; i++)
        if (str_eq(str_cut(&rest, ':'), str_from(name)))
            return SYSTEMD_FIRST + i;
    return -1;
}

static int set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int fcgi_listen(const char *path, const char *name, int backlog)
{
    int passed = from_systemd(name);
    if (passed >= 0)
        return set_nonblocking(passed) ? -1 : passed;
    int fd = unix_socket_listen(path, SOCK_STREAM, UNIX_SOCKET_GROUP, backlog);
    if (fd < 0)
        log_error("cannot listen at %s: %s", path, strerror(errno));
    return fd;
}

struct fcgi *fcgi_new(int listener)
{
    struct fcgi *f = mem_zero(sizeof *f);
    f->exchange.ops = &ops;
    // Exclusive: a new connection wakes one waiting worker (or few), not all that there are.
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
    f->loop = epoll_create1(EPOLL_CLOEXEC);
    if (f->loop < 0 || epoll_ctl(f->loop, EPOLL_CTL_ADD, listener, &event))
        abort();
    if (FCGX_Init() || FCGX_InitRequest(&f->request, listener, FCGI_FAIL_ACCEPT_ON_INTR))
        abort();
    return f;
}

void fcgi_free(struct fcgi *f)
{
    if (!f)
        return;
    FCGX_Free(&f->request, 1);
    (void)close(f->loop);
    free(f);
}

struct exchange *fcgi_next(struct fcgi *f, const sigset_t *unblocked)
{
    struct epoll_event event;
    // If two workers were woken, the second finds the queue empty and waits again.
    if (epoll_pwait(f->loop, &event, 1, -1, unblocked) <= 0 || FCGX_Accept_r(&f->request) != 0)
        return NULL;
    return &f->exchange;
}

// After a request that was read to its end the connection is closed at once. libfcgi would wait until the web server
// has closed its side, so that unread data does not turn the close into a reset; but nothing is unread.
void fcgi_end(struct fcgi *f)
{
    char rest;
    bool was_cut = f->is_cut;
    f->is_cut = false;
    if (was_cut)
        return;
    if (FCGX_GetStr(&rest, 1, f->request.in) == 0)
        (void)FCGX_Detach(&f->request);
    f->request.keepConnection = 0;
    FCGX_Finish_r(&f->request);
    (void)FCGX_Attach(&f->request);
}
