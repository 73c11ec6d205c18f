// SPDX-License-Identifier: Apache-2.0
// The least that a server of events can do: one write to each subscriber, one after the other, in a loop. It answers
// any request with the head of an event stream, so that it can stand behind nginx too.
//
//     bare SUBSCRIBERS FRAMES        (paths of its sockets)
//
// What comes as one message on the second socket goes to everybody on the first.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/buf.h"
#include "tests/bench/local.h"
#include "tests/bench/wire.h"

enum { BYTES = 65536, SUBSCRIBERS_MAX = 100000 };
enum { NEWCOMERS, FEEDERS, FEEDER, WATCHED };

static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                           "X-Accel-Buffering: no\r\nConnection: close\r\n\r\nretry: 1000\n\n";

static int subscribers[SUBSCRIBERS_MAX];
static size_t subscribers_n;

static void welcome(int listener)
{
    char request[BYTES];
    int fd = accept(listener, NULL, NULL);
    if (fd < 0 || subscribers_n == SUBSCRIBERS_MAX)
        wire_fail("accept");
    if (read(fd, request, sizeof request) > 0 && send(fd, HEAD, sizeof HEAD - 1, MSG_NOSIGNAL) == sizeof HEAD - 1)
        subscribers[subscribers_n++] = fd;
    else
        (void)close(fd);
}

static void deliver(struct str frame)
{
    for (size_t i = 0; i < subscribers_n;) {
        if (send(subscribers[i], frame.p, frame.n, MSG_NOSIGNAL) == (ssize_t)frame.n) {
            i++;
            continue;
        }
        (void)close(subscribers[i]);
        subscribers[i] = subscribers[--subscribers_n];
    }
}

int main(int argc, char **argv)
{
    static char bytes[BYTES];
    if (argc != 3) {
        fprintf(stderr, "usage: bare SUBSCRIBERS FRAMES\n");
        return 2;
    }
    wire_raise_limit();
    struct pollfd watched[WATCHED] = {
        [NEWCOMERS] = {.fd = local_listen(argv[1], SOCK_STREAM), .events = POLLIN},
        [FEEDERS] = {.fd = local_listen(argv[2], SOCK_SEQPACKET), .events = POLLIN},
        [FEEDER] = {.fd = -1, .events = POLLIN},
    };
    while (poll(watched, WATCHED, -1) >= 0) {
        if (watched[FEEDER].revents) {
            ssize_t n = read(watched[FEEDER].fd, bytes, sizeof bytes);
            if (n <= 0)
                return 0;
            deliver((struct str){bytes, (size_t)n});
        }
        if (watched[NEWCOMERS].revents)
            welcome(watched[NEWCOMERS].fd);
        if (watched[FEEDERS].revents)
            watched[FEEDER].fd = accept(watched[FEEDERS].fd, NULL, NULL);
    }
    wire_fail("poll");
}
