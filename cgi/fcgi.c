#include "cgi/fcgi.h"

#include <assert.h>
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
#include "lib/log.h"

enum { BACKLOG = 511, SYSTEMD_FIRST = 3 };
enum { LIBRARY_BUFFER = 8192, RECORDS = 8, RECORD_HEAD = 8, RECORD_MAX = 65528, RECORD_STDOUT = 6 };

struct fcgi {
    struct exchange exchange; // first: the ops get a pointer to it
    FCGX_Request request;
    int loop; // epoll: watches the listener
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

static int send_all(int fd, struct iovec *part, int parts)
{
    while (parts) {
        struct msghdr message = {.msg_iov = part, .msg_iovlen = (size_t)parts};
        ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
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

// libfcgi writes 8 KiB at a time, and each piece wakes the server: what is longer goes past it, a few records at once.
static int write_records(FCGX_Request *request, struct str reply)
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
        if (send_all(request->ipcFd, part, parts))
            return -1;
    }
    return 0;
}

static int write_reply(struct exchange *x, struct str reply)
{
    FCGX_Request *request = &of(x)->request;
    if (reply.n > LIBRARY_BUFFER)
        return write_records(request, reply);
    return FCGX_PutStr(reply.p, (int)reply.n, request->out) == (int)reply.n ? 0 : -1;
}

static const struct exchange_ops ops = {variable, read_body, write_reply};

static bool is_from_systemd(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    int64_t number;
    return pid && fds && str_eq(str_from(fds), STR("1")) && str_to_i64(str_from(pid), &number) == 0 &&
           number == (int64_t)getpid();
}

static int set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int fcgi_listen(const char *path)
{
    if (is_from_systemd())
        return set_nonblocking(SYSTEMD_FIRST) ? -1 : SYSTEMD_FIRST;

    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    assert(n < sizeof address.sun_path);
    memcpy(address.sun_path, path, n + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)unlink(path);
    mode_t mask = umask(0117);
    int failed = fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) || listen(fd, BACKLOG);
    (void)umask(mask);
    if (!failed)
        return fd;
    log_error("cannot listen at %s: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
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
    // Where two were woken, whoever comes second finds the queue empty and waits again.
    if (epoll_pwait(f->loop, &event, 1, -1, unblocked) <= 0 || FCGX_Accept_r(&f->request) != 0)
        return NULL;
    return &f->exchange;
}

// Of a request that was read to its end, the connection is closed at once: libfcgi would wait until the server has
// closed its side, so that no unread data turns the close into a reset, and there is none.
void fcgi_end(struct fcgi *f)
{
    char rest;
    if (FCGX_GetStr(&rest, 1, f->request.in) == 0)
        (void)FCGX_Detach(&f->request);
    FCGX_Finish_r(&f->request);
    (void)FCGX_Attach(&f->request);
}
