// SPDX-License-Identifier: Apache-2.0
// A relay between the publishers of hints and a pusher: it takes over the name of the pusher's socket and passes the
// hints on, with faults. At the end of standard input it gives the name back and prints what it did. When the pusher
// ends before, or takes its name again, the relay is over too.
//
//     hints SOCKET SEED DROP DOUBLE SHUFFLE DELAY
//
// DROP, DOUBLE, SHUFFLE: percent of the hints that are lost, come twice, wait for up to DELAY ms while others pass.
// With SHUFFLE 0 all wait DELAY ms, in their order.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"
#include "wire/hint.h"

enum { CLIENTS = 250, FIXED = 2, SEND_TIMEOUT_US = 500000 };

struct held {
    struct held *next;
    int64_t due;
    size_t n;
    char bytes[];
};

static struct {
    const char *path;
    char aside[128]; // the name that the pusher's socket has meanwhile; of two relays in a row each has its own
    struct stat mine;
    int64_t drop, twice, shuffle, delay_ms;
} want;

static uint64_t state;
static struct pollfd watched[FIXED + CLIENTS] = {{.fd = STDIN_FILENO, .events = POLLIN}};
static nfds_t watched_n = FIXED;
static int pusher;
static struct held *queue; // by the time at which they are due
static struct {
    long passed, dropped, doubled, shuffled;
} count;

static void fail(const char *what)
{
    fprintf(stderr, "hints: %s: %s\n", what, strerror(errno));
    exit(1);
}

// splitmix64: the driver's seed decides.
static bool chance(int64_t percent)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (int64_t)((z ^ (z >> 31)) % 100) < percent;
}

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        fail(path);
    memcpy(address.sun_path, path, strlen(path));
    return address;
}

static void dial(void)
{
    struct sockaddr_un address = address_of(want.path);
    struct timeval patience = {.tv_usec = SEND_TIMEOUT_US};
    pusher = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (pusher < 0 || connect(pusher, (const struct sockaddr *)&address, sizeof address) ||
        setsockopt(pusher, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience))
        fail("no pusher");
}

// The names change places in one step, so that no publisher finds nothing.
static void exchange(void)
{
    if (renameat2(AT_FDCWD, want.path, AT_FDCWD, want.aside, RENAME_EXCHANGE))
        fail(want.aside);
}

static void take_over(void)
{
    struct stat theirs;
    int n = snprintf(want.aside, sizeof want.aside, "%s.%d", want.path, (int)getpid());
    if (n < 0 || (size_t)n >= sizeof want.aside || stat(want.path, &theirs))
        fail(want.path);
    struct sockaddr_un address = address_of(want.aside);
    (void)unlink(want.aside);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) || listen(fd, CLIENTS) ||
        chown(want.aside, theirs.st_uid, theirs.st_gid) || chmod(want.aside, theirs.st_mode & 0777) ||
        stat(want.aside, &want.mine))
        fail("listen");
    exchange();
    watched[1] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void give_back(void)
{
    struct stat now;
    if (stat(want.path, &now) == 0 && now.st_ino == want.mine.st_ino)
        exchange();
    (void)unlink(want.aside);
}

static void finish(void)
{
    give_back();
    printf("{\"passed\":%ld,\"dropped\":%ld,\"doubled\":%ld,\"shuffled\":%ld}\n", count.passed, count.dropped,
           count.doubled, count.shuffled);
    exit(0);
}

static void hold(const char *bytes, size_t n, int64_t due)
{
    struct held *held = mem_alloc(sizeof *held + n);
    struct held **at = &queue;
    while (*at && (*at)->due <= due)
        at = &(*at)->next;
    *held = (struct held){.next = *at, .due = due, .n = n};
    memcpy(held->bytes, bytes, n);
    *at = held;
}

// A pusher that takes nothing for long loses the hint; one that is gone ends us.
static void pass_due(int64_t now)
{
    while (queue && queue->due <= now) {
        struct held *held = queue;
        queue = held->next;
        ssize_t sent = send(pusher, held->bytes, held->n, MSG_NOSIGNAL);
        count.passed += sent >= 0;
        if (sent < 0 && errno != EAGAIN)
            finish();
        free(held);
    }
}

static void take(const char *bytes, size_t n, int64_t now)
{
    if (chance(want.drop)) {
        count.dropped++;
        return;
    }
    int copies = chance(want.twice) ? 2 : 1;
    count.doubled += copies - 1;
    for (int i = 0; i < copies; i++) {
        bool waits = !want.shuffle || chance(want.shuffle);
        int64_t delay_ns = waits ? want.delay_ms * 1000000 : 0;
        if (want.shuffle && waits)
            delay_ns = delay_ns / 8 * (1 + (int64_t)(state >> 61));
        count.shuffled += want.shuffle && waits;
        hold(bytes, n, now + delay_ns);
    }
}

// False when the publisher is gone.
static bool read_client(int fd, int64_t now)
{
    static char bytes[HINT_SIZE_MAX];
    for (;;) {
        ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (n <= 0)
            return false;
        take(bytes, (size_t)n, now);
    }
}

static void read_clients(int64_t now)
{
    for (nfds_t i = FIXED; i < watched_n; i++) {
        if (!watched[i].revents || read_client(watched[i].fd, now))
            continue;
        (void)close(watched[i].fd);
        watched[i--] = watched[--watched_n];
    }
}

static void accept_clients(void)
{
    while (watched_n < FIXED + CLIENTS) {
        int fd = accept4(watched[1].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        watched[watched_n++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
}

static void turn(void)
{
    int64_t now = clock_mono_ns();
    int patience_ms = queue ? (int)((queue->due - now) / 1000000) + 1 : -1;
    if (poll(watched, watched_n, patience_ms < 0 && queue ? 0 : patience_ms) < 0 && errno != EINTR)
        fail("poll");
    now = clock_mono_ns();
    if (watched[0].revents)
        finish();
    read_clients(now);
    accept_clients();
    pass_due(now);
}

int main(int argc, char **argv)
{
    int64_t seed;
    if (argc != 7 || str_to_i64(str_from(argv[2]), &seed) || str_to_i64(str_from(argv[3]), &want.drop) ||
        str_to_i64(str_from(argv[4]), &want.twice) || str_to_i64(str_from(argv[5]), &want.shuffle) ||
        str_to_i64(str_from(argv[6]), &want.delay_ms)) {
        fprintf(stderr, "usage: hints SOCKET SEED DROP DOUBLE SHUFFLE DELAY\n");
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    want.path = argv[1];
    state = (uint64_t)seed;
    dial();
    take_over();
    printf("ready\n");
    (void)fflush(stdout);
    for (;;)
        turn();
}
