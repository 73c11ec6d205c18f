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
#include <sys/un.h>
#include <unistd.h>
#include "lib/log.h"

enum { BACKLOG = 511, SYSTEMD_FIRST = 3 };

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

static int write_reply(struct exchange *x, struct str reply)
{
    assert(reply.n <= INT_MAX);
    return FCGX_PutStr(reply.p, (int)reply.n, of(x)->request.out) == (int)reply.n ? 0 : -1;
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

void fcgi_end(struct fcgi *f)
{
    FCGX_Finish_r(&f->request);
}
