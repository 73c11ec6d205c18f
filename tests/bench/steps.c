// Writes single steps over HTTP as fast as they are acknowledged, and says how many and how long each took.
//
//     steps PORT WORKSPACE TOKEN SECONDS SESSION…
//
// One kept connection to 127.0.0.1 for each session, one request at a time on each: what that many agents do. Its
// output is a JSON object; tests/bench/steps.mjs sets it beside pgbench.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/id.h"

enum { CONTENT_BYTES = 200, ANSWER_MAX = 65536, SAMPLES_MAX = 4 * 1024 * 1024 };

struct writer {
    int fd;
    const char *session;
    int64_t asked;
    struct buf answer;
};

struct bench {
    const char *workspace, *token;
    char content[CONTENT_BYTES + 1];
    struct buf request;
    int64_t refused;
    int n;
    int32_t *took; // µs
};

static int fail(const char *what)
{
    fprintf(stderr, "steps: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address))
        fail("connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void ask(struct bench *b, struct writer *w)
{
    char id[ID_SIZE];
    struct buf body = {0};
    id_new(id, "stp");
    buf_printf(&body, "{\"id\":\"%s\",\"stepType\":\"tool_call\",\"content\":{\"tool\":\"%s\"}}", id, b->content);
    buf_clear(&b->request);
    buf_printf(&b->request,
               "POST /api/workspaces/%s/agent-sessions/%s/steps HTTP/1.1\r\nHost: 127.0.0.1\r\n"
               "Authorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
               b->workspace, w->session, b->token, body.n);
    buf_str(&b->request, buf_view(&body));
    buf_fini(&body);
    w->asked = clock_mono_ns();
    if (send(w->fd, b->request.p, b->request.n, MSG_NOSIGNAL) != (ssize_t)b->request.n)
        fail("send");
}

// The whole answer's length, or 0 while its head is not there.
static size_t answer_length(struct buf *answer)
{
    const char *text = buf_cstr(answer);
    const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\ncontent-length:");
    return end && length && length < end ? (size_t)(end - text) + 4 + (size_t)strtoul(length + 17, NULL, 10) : 0;
}

// True if the answer is complete.
static bool hear(struct bench *b, struct writer *w)
{
    buf_reserve(&w->answer, ANSWER_MAX);
    ssize_t n = recv(w->fd, w->answer.p + w->answer.n, ANSWER_MAX / 2, 0);
    if (n <= 0)
        fail("recv");
    w->answer.n += (size_t)n;
    size_t length = answer_length(&w->answer);
    if (length == 0 || w->answer.n < length)
        return false;
    if (strncmp(w->answer.p, "HTTP/1.1 201", 12) != 0 && b->refused++ == 0)
        fprintf(stderr, "steps: %.*s\n", (int)w->answer.n, w->answer.p);
    buf_clear(&w->answer);
    if (b->n < SAMPLES_MAX)
        b->took[b->n++] = (int32_t)((clock_mono_ns() - w->asked) / 1000);
    return true;
}

static int by_size(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static void report(struct bench *b, double seconds)
{
    qsort(b->took, (size_t)b->n, sizeof b->took[0], by_size);
    printf("{\"steps\":%d,\"perSecond\":%.0f,\"refused\":%lld,\"p50Ms\":%.2f,\"p99Ms\":%.2f}\n", b->n,
           (double)b->n / seconds, (long long)b->refused, b->n ? b->took[b->n / 2] / 1000.0 : 0,
           b->n ? b->took[(int64_t)b->n * 99 / 100] / 1000.0 : 0);
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: %s PORT WORKSPACE TOKEN SECONDS SESSION…\n", argv[0]);
        return 2;
    }
    int writers = argc - 5, loop = epoll_create1(EPOLL_CLOEXEC);
    struct bench b = {.workspace = argv[2], .token = argv[3]};
    b.took = mem_alloc(SAMPLES_MAX * sizeof b.took[0]);
    memset(b.content, 'x', CONTENT_BYTES);
    struct writer *all = mem_zero((size_t)writers * sizeof *all);
    int64_t began = clock_mono_ns(), end = began + (int64_t)(strtod(argv[4], NULL) * 1e9);
    for (int i = 0; i < writers; i++) {
        all[i].session = argv[5 + i];
        all[i].fd = dial((int)strtol(argv[1], NULL, 10));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
        if (epoll_ctl(loop, EPOLL_CTL_ADD, all[i].fd, &event))
            fail("epoll_ctl");
        ask(&b, &all[i]);
    }
    while (clock_mono_ns() < end) {
        struct epoll_event events[64];
        int n = epoll_wait(loop, events, 64, 1000);
        for (int i = 0; i < n; i++)
            if (hear(&b, events[i].data.ptr))
                ask(&b, events[i].data.ptr);
    }
    report(&b, (double)(clock_mono_ns() - began) / 1e9);
    return b.refused ? 1 : 0;
}
