// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/storm_subscribers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "tests/bench/stream.h"
#include "tests/bench/wire.h"

enum { READ = 16384, OPEN_SPREAD_MS = 4000, RETRY_MS = 1000 };

static const int64_t MS = INT64_C(1000000);

struct subscriber {
    int fd; // -1: away
    const struct storm_room *room;
    struct stream stream;
    bool is_asking; // connecting: the request is not sent yet
    bool is_known;  // it has a position
    int64_t last;   // number
    int64_t head;   // what it must have to be current; -1: not greeted on this connection
    int64_t due;    // when it comes back
    int64_t retry_ms;
    int64_t current_at;
};

static struct {
    const char *port, *workspace, *token;
    int epoll, n;
    struct subscriber *list;
    struct storm_counts counts;
} all;

void storm_subscribers_init(int epoll, const char *port, const char *workspace, const char *token,
                            const struct storm_room *rooms, int rooms_n, int n)
{
    int64_t now = clock_mono_ns();
    all.epoll = epoll;
    all.port = port;
    all.workspace = workspace;
    all.token = token;
    all.n = n;
    all.list = mem_zero((size_t)n * sizeof *all.list);
    for (int i = 0; i < n; i++)
        all.list[i] = (struct subscriber){.fd = -1,
                                          .room = &rooms[i % rooms_n],
                                          .head = -1,
                                          .retry_ms = RETRY_MS,
                                          .due = now + random() % OPEN_SPREAD_MS * MS};
}

const struct storm_counts *storm_subscribers_counts(void)
{
    return &all.counts;
}

static void dial(struct subscriber *s)
{
    s->fd = wire_dial_later(all.port);
    s->is_asking = true;
    all.counts.attempts++;
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = s};
    if (epoll_ctl(all.epoll, EPOLL_CTL_ADD, s->fd, &event))
        wire_fail("epoll_ctl");
}

static void ask(struct subscriber *s)
{
    struct buf request = {0};
    char position[64] = "";
    if (s->is_known)
        (void)snprintf(position, sizeof position, "Last-Event-ID: %lld\r\n", (long long)s->last);
    wire_get_events(&request, all.workspace, s->room->session, all.token, position);
    s->is_asking = false;
    // It fits into an empty socket; if the connection is refused, reading says so.
    (void)!send(s->fd, request.p, request.n, MSG_NOSIGNAL);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
    if (epoll_ctl(all.epoll, EPOLL_CTL_MOD, s->fd, &event))
        wire_fail("epoll_ctl");
    buf_fini(&request);
}

static void lose(struct subscriber *s)
{
    (void)close(s->fd);
    s->fd = -1;
    s->due = clock_mono_ns() + s->retry_ms * MS;
    all.counts.greeted -= s->head >= 0;
    all.counts.current -= s->current_at > 0;
    s->head = -1;
    s->current_at = 0;
    stream_fini(&s->stream);
}

static void greet(struct subscriber *s, const struct stream_event *event)
{
    int64_t from = wire_number(event->data, "\"from\":");
    if (s->is_known && from != s->last)
        all.counts.missing++;
    if (!s->is_known)
        s->last = from;
    s->is_known = true;
    s->head = wire_number(event->data, "\"head\":");
    all.counts.greeted++;
}

static void number(struct subscriber *s, int64_t seq)
{
    all.counts.events++;
    all.counts.twice += seq <= s->last;
    all.counts.missing += seq > s->last + 1;
    if (seq > s->last)
        s->last = seq;
}

static void take(void *owner, const struct stream_event *event)
{
    struct subscriber *s = owner;
    if (str_eq(event->name, STR("ready")))
        greet(s, event);
    else if (str_eq(event->name, STR("reset")))
        all.counts.resets++;
    else if (str_eq(event->name, STR("unavailable")))
        all.counts.unavailable++;
    else if (event->id.p)
        number(s, strtoll(event->id.p, NULL, 10));
    if (s->head >= 0 && s->last >= s->head && !s->current_at) {
        s->current_at = clock_mono_ns();
        all.counts.current++;
    }
}

static void hear(struct subscriber *s)
{
    char bytes[READ];
    ssize_t n = recv(s->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        enum stream_state state = stream_feed(&s->stream, (struct str){bytes, (size_t)n}, take, s);
        if (s->stream.retry_ms)
            s->retry_ms = s->stream.retry_ms;
        all.counts.refused += state == STREAM_REFUSED;
        if (state < STREAM_ENDED)
            return;
    }
    lose(s);
}

void storm_subscribers_ready(void *subscriber, uint32_t events)
{
    struct subscriber *s = subscriber;
    if (s->is_asking && !(events & (EPOLLERR | EPOLLHUP)))
        ask(s);
    else
        hear(s);
}

void storm_subscribers_dial(void)
{
    int64_t now = clock_mono_ns();
    for (int i = 0; i < all.n; i++)
        if (all.list[i].fd < 0 && all.list[i].due <= now)
            dial(&all.list[i]);
}

void storm_subscribers_strike(void)
{
    for (int i = 0; i < all.n; i++) {
        all.list[i].head = INT64_MAX;
        all.list[i].current_at = 0;
    }
    all.counts.current = 0;
}

void storm_subscribers_sample(struct samples *samples, int64_t since)
{
    for (int i = 0; i < all.n; i++)
        samples_add(samples, all.list[i].current_at - since);
}

bool storm_subscribers_are_complete(void)
{
    for (int i = 0; i < all.n; i++)
        if (all.list[i].last != all.list[i].room->written || all.list[i].head < 0)
            return false;
    return true;
}
