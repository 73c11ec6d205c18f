// SPDX-License-Identifier: Apache-2.0
// From the request that records a step to the last of many readers, through nginx: how long after sending it, and after
// its acknowledgement, the event is in each reader's hands.
//
//     delay PORT WORKSPACE SESSION TOKEN READERS EVENTS_PER_SECOND SECONDS
//
// One process, one thread: it sends a whole step at a steady pace and reads all streams by epoll, so what it measures
// includes its own reading. The pusher's part alone, from commit to socket, is in the pusher's histogram (delay.mjs
// prints both).
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "base/clock.h"
#include "tests/bench/samples.h"
#include "tests/bench/stream.h"
#include "tests/bench/wire.h"

enum { EVENTS = 512, READ = 16384, AT_ONCE = 50, PATIENCE_S = 20 };

static const int64_t SECOND = INT64_C(1000000000);

struct reader {
    int fd;
    bool is_greeted;
    int seen; // events
    struct stream stream;
};

static struct {
    const char *port, *workspace, *session, *token;
    int readers_n, rate, seconds;
    int epoll;
    int greeted; // readers
    struct reader *readers;
    int writer, sent, answered;
    struct buf answer;
    int64_t *sent_at, *acknowledged_at; // of each event, by its number from 0
    int64_t read_at;                    // what is being read
    struct samples from_sent, from_acknowledged;
} bench;

static void subscribe(struct reader *reader)
{
    struct buf request = {0};
    wire_get_events(&request, bench.workspace, bench.session, bench.token, "");
    reader->fd = wire_dial(bench.port);
    wire_send(reader->fd, buf_view(&request));
    wire_watch(bench.epoll, reader->fd, reader);
    buf_fini(&request);
}

static void take(void *owner, const struct stream_event *event)
{
    struct reader *reader = owner;
    if (str_eq(event->name, STR("ready"))) {
        bench.greeted += !reader->is_greeted;
        reader->is_greeted = true;
    } else if (str_eq(event->name, STR("agent_session:step:completed"))) {
        int number = reader->seen++;
        int64_t acknowledged = bench.acknowledged_at[number];
        samples_add(&bench.from_sent, bench.read_at - bench.sent_at[number]);
        // Delivery may come before the acknowledgement: then it is not behind it at all.
        samples_add(&bench.from_acknowledged, acknowledged ? bench.read_at - acknowledged : 0);
    }
}

static void hear(struct reader *reader)
{
    static char bytes[READ];
    ssize_t n = recv(reader->fd, bytes, sizeof bytes, 0);
    bench.read_at = clock_mono_ns();
    if (n > 0 && stream_feed(&reader->stream, (struct str){bytes, (size_t)n}, take, reader) < STREAM_ENDED)
        return;
    errno = n < 0 ? errno : ECONNRESET;
    wire_fail("a stream");
}

static void write_step(void)
{
    struct buf body = {0}, request = {0};
    buf_printf(&body,
               "{\"stepType\":\"tool_call\",\"completed\":true,\"content\":{\"tool\":\"bench\",\"args\":{\"number\":%d,"
               "\"text\":\"%0150d\"}}}",
               bench.sent, 7);
    wire_post_session(&request, bench.workspace, bench.session, "steps", bench.token, buf_view(&body));
    bench.sent_at[bench.sent++] = clock_mono_ns();
    wire_send(bench.writer, buf_view(&request));
    buf_fini(&body);
    buf_fini(&request);
}

static void hear_writer(void)
{
    if (!wire_hear(bench.writer, &bench.answer))
        return;
    if (wire_status(&bench.answer) != 201) {
        fprintf(stderr, "delay: %s\n", buf_cstr(&bench.answer));
        exit(1);
    }
    buf_clear(&bench.answer);
    bench.acknowledged_at[bench.answered++] = clock_mono_ns();
}

static void turn(int timeout_ms)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(bench.epoll, events, EVENTS, timeout_ms);
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr)
            hear(events[i].data.ptr);
        else
            hear_writer();
    }
}

static void gather(void)
{
    for (int i = 0; i < bench.readers_n; i++) {
        subscribe(&bench.readers[i]);
        while (i - bench.greeted >= AT_ONCE)
            turn(1000);
    }
    while (bench.greeted < bench.readers_n)
        turn(1000);
}

// One request at a time: a writer that waits for its answer, as an agent does.
static void write_and_read(int total, size_t expected)
{
    int64_t began = clock_mono_ns(), pace = SECOND / bench.rate, end = began + (bench.seconds + PATIENCE_S) * SECOND;
    bench.writer = wire_dial(bench.port);
    wire_watch(bench.epoll, bench.writer, NULL);
    while (bench.from_sent.n < expected && clock_mono_ns() < end) {
        bool is_free = bench.sent < total && bench.answered == bench.sent;
        int64_t due = began + bench.sent * pace - clock_mono_ns();
        if (is_free && due <= 0)
            write_step();
        turn(is_free && due > 0 ? (int)(due / 1000000) : 1);
    }
}

static void print(const char *what, struct samples *samples)
{
    printf("%-36s p50 %7.2f ms   p99 %7.2f ms   max %7.2f ms\n", what, samples_quantile_ms(samples, 0.5),
           samples_quantile_ms(samples, 0.99), samples_quantile_ms(samples, 1));
    samples_fini(samples);
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "usage: delay PORT WORKSPACE SESSION TOKEN READERS EVENTS_PER_SECOND SECONDS\n");
        return 2;
    }
    bench.port = argv[1];
    bench.workspace = argv[2];
    bench.session = argv[3];
    bench.token = argv[4];
    bench.readers_n = (int)strtol(argv[5], NULL, 10);
    bench.rate = (int)strtol(argv[6], NULL, 10);
    bench.seconds = (int)strtol(argv[7], NULL, 10);
    int total = bench.rate * bench.seconds;
    size_t expected = (size_t)total * (size_t)bench.readers_n;
    bench.sent_at = mem_zero((size_t)total * sizeof *bench.sent_at);
    bench.acknowledged_at = mem_zero((size_t)total * sizeof *bench.acknowledged_at);
    bench.readers = mem_zero((size_t)bench.readers_n * sizeof *bench.readers);
    bench.epoll = epoll_create1(EPOLL_CLOEXEC);
    wire_raise_limit();
    gather();
    write_and_read(total, expected);
    size_t delivered = bench.from_sent.n;
    printf("%d readers, %d events/s, %d s: %zu of %zu deliveries\n", bench.readers_n, bench.rate, bench.seconds,
           delivered, expected);
    print("request sent → in a reader's hands", &bench.from_sent);
    print("acknowledged → in a reader's hands", &bench.from_acknowledged);
    return delivered == expected ? 0 : 1;
}
