// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { READ = 32768 };

void wire_fail(const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    exit(1);
}

void wire_raise_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files))
        wire_fail("getrlimit");
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files))
        wire_fail("setrlimit");
}

static int dial(const char *port, int type)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtol(port, NULL, 10))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0 || (connect(fd, (const struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS))
        wire_fail("connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

int wire_dial(const char *port)
{
    return dial(port, SOCK_STREAM);
}

int wire_dial_later(const char *port)
{
    return dial(port, SOCK_STREAM | SOCK_NONBLOCK);
}

void wire_send(int fd, struct str bytes)
{
    while (bytes.n) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n < 0)
            wire_fail("send");
        bytes = str_skip(bytes, (size_t)n);
    }
}

void wire_watch(int epoll, int fd, void *owner)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = owner};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
        wire_fail("epoll_ctl");
}

void wire_post(struct buf *out, const char *path, const char *token, struct str body)
{
    buf_printf(out,
               "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
               "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
               path, token, body.n);
    buf_str(out, body);
}

void wire_get(struct buf *out, const char *path, const char *token, const char *more_headers)
{
    buf_printf(out, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n%s\r\n", path, token,
               more_headers);
}

void wire_post_session(struct buf *out, const char *workspace, const char *session, const char *what, const char *token,
                       struct str body)
{
    struct buf path = {0};
    buf_printf(&path, "/api/workspaces/%s/agent-sessions/%s/%s", workspace, session, what);
    wire_post(out, buf_cstr(&path), token, body);
    buf_fini(&path);
}

void wire_get_events(struct buf *out, const char *workspace, const char *session, const char *token,
                     const char *more_headers)
{
    struct buf path = {0};
    buf_printf(&path, "/api/workspaces/%s/events?room=session:%s", workspace, session);
    wire_get(out, buf_cstr(&path), token, more_headers);
    buf_fini(&path);
}

// The whole answer's length, or 0 while its head is not there. 204 has no body and no length.
static size_t answer_length(struct buf *answer)
{
    const char *text = buf_cstr(answer);
    const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\ncontent-length:");
    if (!end)
        return 0;
    size_t body = length && length < end ? (size_t)strtoul(length + 17, NULL, 10) : 0;
    return (size_t)(end - text) + 4 + body;
}

bool wire_hear(int fd, struct buf *answer)
{
    buf_reserve(answer, READ);
    ssize_t n = recv(fd, answer->p + answer->n, READ, 0);
    if (n == 0)
        errno = ECONNRESET;
    if (n <= 0)
        wire_fail("recv");
    answer->n += (size_t)n;
    size_t length = answer_length(answer);
    return length && answer->n >= length;
}

int wire_status(const struct buf *answer)
{
    static const size_t before = sizeof "HTTP/1.1 " - 1;
    return answer->n > before ? (int)strtol(answer->p + before, NULL, 10) : 0;
}

struct str wire_body(struct buf *answer)
{
    const char *end = strstr(buf_cstr(answer), "\r\n\r\n");
    return end ? str_skip(buf_view(answer), (size_t)(end - answer->p) + 4) : STR_NONE;
}

int64_t wire_number(struct str json, const char *key)
{
    const char *at = memmem(json.p, json.n, key, strlen(key));
    return at ? strtoll(at + strlen(key), NULL, 10) : -1;
}
