// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/readers.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "tests/bench/histogram.h"
#include "tests/bench/local.h"
#include "tests/bench/wire.h"

enum { BUCKET_NS = 20000, WAIT_S = 60, LOOK_US = 200, BYTES = 1 << 16, EVENTS = 512 };
// Less than a mark: what is kept of one read, so that a mark across two is found once.
enum { TAIL = sizeof TARGET_MARK - 2 };
// A mark's number has this many digits or fewer.
enum { NUMBER = 20 };

struct tally {
    atomic_long ready;  // subscriptions that stand
    atomic_long events; // delivered
    atomic_bool stop;
    atomic_bool failed;
    struct histogram delays;
};

struct subscriber {
    int fd;
    char tail[TAIL];
};

// WebSocket frames as a client sends them, masked with zeros: Socket.IO's "40" (into the default namespace) and "3"
// (pong). A ping is the server's "2", unmasked.
static const char CONNECT[] = {'\x81', '\x82', 0, 0, 0, 0, '4', '0'};
static const char PONG[] = {'\x81', '\x81', 0, 0, 0, 0, '3'};
static const char PING[] = {'\x81', '\x01', '2'};

static void read_until(int fd, const char *text)
{
    char bytes[BYTES];
    size_t n = 0;
    do {
        ssize_t more = read(fd, bytes + n, sizeof bytes - n);
        if (more <= 0) {
            fprintf(stderr, "%.*s\n", (int)n, bytes);
            wire_fail(text);
        }
        n += (size_t)more;
    } while (!memmem(bytes, n, text, strlen(text)));
}

static int subscribe(const struct target *target, int room)
{
    struct buf b = {0};
    int fd = local_dial(target->address, SOCK_STREAM);
    target_request(&b, target, room);
    wire_send(fd, buf_view(&b));
    buf_fini(&b);
    if (target->is_socketio) {
        read_until(fd, "0{\"sid\"");
        wire_send(fd, (struct str){CONNECT, sizeof CONNECT});
    }
    read_until(fd, target->greeting);
    return fd;
}

// The events in what was read. One whose number is cut off has no delay.
static long count(struct tally *tally, const char *p, size_t n)
{
    long events = 0;
    int64_t now = clock_mono_ns();
    const char *end = p + n;
    while ((p = memmem(p, (size_t)(end - p), TARGET_MARK, sizeof TARGET_MARK - 1))) {
        p += sizeof TARGET_MARK - 1;
        events++;
        if (end - p > NUMBER)
            histogram_add(&tally->delays, now - strtoll(p, NULL, 10));
    }
    return events;
}

static long take(struct tally *tally, struct subscriber *subscriber, bool is_socketio)
{
    static char bytes[TAIL + BYTES];
    ssize_t n = read(subscriber->fd, bytes + TAIL, BYTES);
    if (n <= 0)
        wire_fail("a stream ended");
    if (is_socketio && memmem(bytes + TAIL, (size_t)n, PING, sizeof PING))
        wire_send(subscriber->fd, (struct str){PONG, sizeof PONG});
    memcpy(bytes, subscriber->tail, TAIL);
    memcpy(subscriber->tail, bytes + n, TAIL);
    return count(tally, bytes, TAIL + (size_t)n);
}

static void listen_to_all(struct tally *tally, int epoll, bool is_socketio)
{
    while (!atomic_load(&tally->stop)) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(epoll, events, EVENTS, 200);
        long got = 0;
        for (int i = 0; i < n; i++)
            got += take(tally, events[i].data.ptr, is_socketio);
        atomic_fetch_add(&tally->events, got);
    }
}

// If this process ends for any other reason than `stop`, the others are told.
static struct tally *own_tally;

static void tell_end(void)
{
    atomic_store(&own_tally->failed, true);
}

static void run(struct tally *tally, const struct target *target, int first, int behind, int rooms)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    own_tally = tally;
    (void)atexit(tell_end);
    struct subscriber *subscribers = mem_zero((size_t)(behind - first) * sizeof *subscribers);
    for (int i = first; i < behind; i++) {
        struct subscriber *subscriber = &subscribers[i - first];
        subscriber->fd = subscribe(target, i % rooms);
        wire_watch(epoll, subscriber->fd, subscriber);
        atomic_fetch_add(&tally->ready, 1);
    }
    listen_to_all(tally, epoll, target->is_socketio);
    free(subscribers);
    _exit(0);
}

static void wait_for(const struct tally *tally, const atomic_long *value, long wanted)
{
    int64_t end = clock_mono_ns() + WAIT_S * INT64_C(1000000000);
    while (atomic_load(value) < wanted) {
        if (atomic_load(&tally->failed) || clock_mono_ns() > end) {
            fprintf(stderr, "load: %ld of %ld\n", atomic_load(value), wanted);
            exit(1);
        }
        (void)usleep(LOOK_US);
    }
}

void readers_open(struct readers *readers, const struct target *target, int subscribers, int rooms)
{
    struct tally *tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (tally == MAP_FAILED)
        wire_fail("memory");
    tally->delays.width_ns = BUCKET_NS;
    *readers = (struct readers){.tally = tally, .subscribers = subscribers};
    for (int i = 0; i < READERS_PROCESSES; i++) {
        readers->pids[i] = fork();
        if (readers->pids[i] == 0)
            run(tally, target, subscribers * i / READERS_PROCESSES, subscribers * (i + 1) / READERS_PROCESSES, rooms);
    }
    wait_for(tally, &tally->ready, subscribers);
}

void readers_close(struct readers *readers)
{
    atomic_store(&readers->tally->stop, true);
    for (int i = 0; i < READERS_PROCESSES; i++)
        (void)waitpid(readers->pids[i], NULL, 0);
    (void)munmap(readers->tally, sizeof *readers->tally);
}

long readers_count(const struct readers *readers)
{
    return atomic_load(&readers->tally->events);
}

void readers_wait(const struct readers *readers, long count)
{
    wait_for(readers->tally, &readers->tally->events, count);
}

double readers_delay_ms(const struct readers *readers, double q)
{
    return histogram_quantile_ms(&readers->tally->delays, q);
}
