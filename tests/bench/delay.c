// From the request that records a step to the last of many readers, through nginx: how long after sending it, and after
// its acknowledgement, the event is in each reader's hands.
//
//     delay PORT WORKSPACE SESSION TOKEN READERS EVENTS_PER_SECOND SECONDS
//
// One process, one thread: it sends a whole step at a steady pace and reads all streams by epoll, so what it measures
// includes its own reading. The pusher's part alone, from commit to socket, is in the pusher's histogram (delay.mjs
// prints both).
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/buf.h"
#include "lib/clock.h"

enum { EVENTS = 512, READ = 16384 };

struct reader {
    int fd;
    bool is_greeted;
    size_t matched; // bytes of MARK seen so far
    int64_t seen;   // events
};

// Stands once in every event of a step and nowhere else.
static const char MARK[] = "\nevent: agent_session:step:completed\n";
static const char READY[] = "event: ready\n";

static struct {
    uint16_t port;
    const char *workspace, *session, *token;
    int readers, rate, seconds;
} want;

static int64_t *sent_at; // of each event, by its number from 0
static int64_t *acknowledged_at;
static int64_t *delays; // of each delivery, from sending
static int64_t *behind; // of each delivery, from its acknowledgement
static size_t delivered;

static void fail(const char *what)
{
    fprintf(stderr, "delay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int dial(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(want.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address))
        fail("connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

static void send_all(int fd, const struct buf *b)
{
    for (size_t at = 0; at < b->n;) {
        ssize_t n = send(fd, b->p + at, b->n - at, MSG_NOSIGNAL);
        if (n < 0)
            fail("send");
        at += (size_t)n;
    }
}

static void subscribe(struct reader *reader, int epoll)
{
    struct buf b = {0};
    buf_printf(&b,
               "GET /api/workspaces/%s/events?room=session:%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
               "Accept: text/event-stream\r\n\r\n",
               want.workspace, want.session, want.token);
    *reader = (struct reader){.fd = dial()};
    send_all(reader->fd, &b);
    buf_fini(&b);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = reader};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, reader->fd, &event))
        fail("epoll_ctl");
}

static void post(int fd, int number)
{
    struct buf body = {0}, b = {0};
    buf_printf(&body,
               "{\"stepType\":\"tool_call\",\"completed\":true,\"content\":{\"tool\":\"bench\",\"args\":{\"number\":%d,"
               "\"text\":\"%0150d\"}}}",
               number, 7);
    buf_printf(&b,
               "POST /api/workspaces/%s/agent-sessions/%s/steps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
               "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
               want.workspace, want.session, want.token, body.n);
    buf_str(&b, buf_view(&body));
    sent_at[number] = clock_mono_ns();
    send_all(fd, &b);
    buf_fini(&body);
    buf_fini(&b);
}

// The rest of a reply is read whole with its head: it is short, and comes from one write.
static void take_reply(int fd, int number)
{
    char bytes[READ];
    ssize_t n = recv(fd, bytes, sizeof bytes - 1, 0);
    if (n <= 0)
        fail("no reply");
    bytes[n] = '\0';
    if (!strstr(bytes, " 201 ")) {
        fprintf(stderr, "delay: %s\n", bytes);
        exit(1);
    }
    acknowledged_at[number] = clock_mono_ns();
}

static void count(struct reader *reader, int64_t now)
{
    int64_t number = reader->seen++;
    delays[delivered] = now - sent_at[number];
    // Delivery may come before the acknowledgement: then it is not behind it at all.
    behind[delivered++] = acknowledged_at[number] ? now - acknowledged_at[number] : 0;
}

static void read_stream(struct reader *reader)
{
    char bytes[READ];
    ssize_t n = recv(reader->fd, bytes, sizeof bytes, 0);
    if (n <= 0)
        fail("a stream ended");
    int64_t now = clock_mono_ns();
    if (!reader->is_greeted) {
        reader->is_greeted = memmem(bytes, (size_t)n, READY, sizeof READY - 1) != NULL;
        return;
    }
    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] != MARK[reader->matched])
            reader->matched = 0;
        reader->matched += bytes[i] == MARK[reader->matched];
        if (reader->matched == sizeof MARK - 1) {
            reader->matched = 0;
            count(reader, now);
        }
    }
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print(const char *what, int64_t *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
    printf("%-36s p50 %7.2f ms   p99 %7.2f ms   max %7.2f ms\n", what, (double)values[n / 2] / 1e6,
           (double)values[n - 1 - n / 100] / 1e6, (double)values[n - 1] / 1e6);
}

static void pump(int epoll, int writer, int *answered, int timeout_ms)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(epoll, events, EVENTS, timeout_ms);
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr)
            read_stream(events[i].data.ptr);
        else
            take_reply(writer, (*answered)++);
    }
}

static void wait_greetings(struct reader *readers, int epoll)
{
    int none = 0;
    for (int i = 0; i < want.readers; i++) {
        subscribe(&readers[i], epoll);
        while (i % 50 == 49 && !readers[i].is_greeted)
            pump(epoll, -1, &none, 1000);
    }
    for (int i = 0; i < want.readers; i++)
        while (!readers[i].is_greeted)
            pump(epoll, -1, &none, 1000);
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "usage: delay PORT WORKSPACE SESSION TOKEN READERS EVENTS_PER_SECOND SECONDS\n");
        return 2;
    }
    want.port = (uint16_t)strtol(argv[1], NULL, 10);
    want.workspace = argv[2];
    want.session = argv[3];
    want.token = argv[4];
    want.readers = (int)strtol(argv[5], NULL, 10);
    want.rate = (int)strtol(argv[6], NULL, 10);
    want.seconds = (int)strtol(argv[7], NULL, 10);
    int total = want.rate * want.seconds, sent = 0, answered = 0;
    size_t expected = (size_t)total * (size_t)want.readers;
    sent_at = mem_zero((size_t)total * sizeof *sent_at);
    acknowledged_at = mem_zero((size_t)total * sizeof *acknowledged_at);
    delays = mem_zero(expected * sizeof *delays);
    behind = mem_zero(expected * sizeof *behind);
    struct reader *readers = mem_zero((size_t)want.readers * sizeof *readers);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    wait_greetings(readers, epoll);

    int writer = dial();
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, writer, &event))
        fail("epoll_ctl");
    int64_t begin = clock_mono_ns(), pace = 1000000000 / want.rate,
            patience = (want.seconds + 20) * INT64_C(1000000000);
    while (delivered < expected && clock_mono_ns() - begin < patience) {
        int64_t due = begin + sent * pace - clock_mono_ns();
        // One request at a time: a writer that waits for its answer, as an agent does.
        if (sent < total && due <= 0 && answered == sent)
            post(writer, sent++);
        pump(epoll, writer, &answered, sent < total && answered == sent && due > 0 ? (int)(due / 1000000) : 1);
    }
    printf("%d readers, %d events/s, %d s: %zu of %zu deliveries\n", want.readers, want.rate, want.seconds, delivered,
           expected);
    print("request sent → in a reader's hands", delays, delivered);
    print("acknowledged → in a reader's hands", behind, delivered);
    return delivered == expected ? 0 : 1;
}
