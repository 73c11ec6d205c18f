#include "tests/bench/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ = 262144 };

static void fail(const char *what)
{
    fprintf(stderr, "http: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address))
        fail("connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

static void send_all(int fd, struct str bytes)
{
    while (bytes.n) {
        ssize_t sent = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (sent <= 0)
            fail("send");
        bytes = str_skip(bytes, (size_t)sent);
    }
}

static void print_request(struct buf *out, const struct http *h, const char *method, const char *path, struct str body)
{
    buf_clear(out);
    buf_printf(out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", method, path, h->field);
    if (body.p)
        buf_printf(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body.n);
    buf_lit(out, "\r\n");
    buf_str(out, body);
}

static void receive(int fd, struct buf *answer)
{
    buf_reserve(answer, READ);
    ssize_t n = recv(fd, answer->p + answer->n, READ - 1, 0);
    if (n <= 0)
        fail("recv");
    answer->n += (size_t)n;
}

// Where the body begins, 0 while the head is not whole.
static size_t body_at(struct buf *answer)
{
    const char *end = strstr(buf_cstr(answer), "\r\n\r\n");
    return end ? (size_t)(end - answer->p) + 4 : 0;
}

static size_t length_of(struct buf *answer, size_t body)
{
    const char *field = strcasestr(buf_cstr(answer), "\r\ncontent-length:");
    return field && field < answer->p + body ? (size_t)strtoul(field + 17, NULL, 10) : 0;
}

static int status_of(struct buf *answer)
{
    return answer->n > 12 ? (int)strtol(answer->p + 9, NULL, 10) : 0;
}

int http_ask(struct http *h, const char *method, const char *path, struct str body, struct str *answer)
{
    if (h->fd < 0)
        h->fd = dial(h->port);
    print_request(&h->request, h, method, path, body);
    send_all(h->fd, buf_view(&h->request));
    buf_clear(&h->answer);
    size_t begin, length;
    do
        receive(h->fd, &h->answer);
    while (!(begin = body_at(&h->answer)));
    length = length_of(&h->answer, begin);
    while (h->answer.n < begin + length)
        receive(h->fd, &h->answer);
    *answer = (struct str){h->answer.p + begin, length};
    return status_of(&h->answer);
}

int http_hear(const struct http *h, const char *path, const char *mark)
{
    struct buf request = {0}, answer = {0};
    int fd = dial(h->port);
    print_request(&request, h, "GET", path, STR_NONE);
    send_all(fd, buf_view(&request));
    do
        receive(fd, &answer);
    while (status_of(&answer) == 200 && !strstr(buf_cstr(&answer), mark));
    int status = status_of(&answer);
    (void)close(fd);
    buf_fini(&request);
    buf_fini(&answer);
    return status;
}

void http_fini(struct http *h)
{
    if (h->fd >= 0)
        (void)close(h->fd);
    buf_fini(&h->request);
    buf_fini(&h->answer);
}
