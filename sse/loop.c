// SPDX-License-Identifier: Apache-2.0
#include "sse/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/listener.h"
#include "base/log.h"
#include "base/manager.h"
#include "base/signals.h"
#include "sse/conn.h"
#include "sse/db.h"
#include "sse/handoffs.h"
#include "sse/hints.h"
#include "sse/relay.h"

enum { EVENTS_A_TURN = 256, WRITES_A_TURN = 512, PROBE_MS = 1000, LINGER_S = 60, DRAIN_EXTRA_MS = 2000 };

struct loop {
    struct pusher *p;
    const struct loop_paths *paths;
    struct watch signals;
    struct listener streams;
    struct listener hints;
    struct listener handoffs;
    int64_t probe_at_ns;
};

static void accept_some(struct loop *loop, struct listener *listener)
{
    for (int i = 0; i < LISTENER_ACCEPTS_A_TURN; i++) {
        int fd = listener_accept(listener);
        if (fd < 0)
            return;
        if (listener == &loop->streams)
            conn_new(loop->p, fd);
        else if (listener == &loop->hints)
            (void)hints_new(loop->p, fd);
        else
            handoffs_new(loop->p, fd);
    }
}

static void begin_drain(struct loop *loop)
{
    struct pusher *p = loop->p;
    if (p->drain_until_ns)
        return;
    log_info("stopping: streams=%zu over_ms=%lld", p->conns_n, (long long)p->drain_ms);
    manager_stopping();
    p->drain_until_ns = p->now_ns + (p->drain_ms + DRAIN_EXTRA_MS) * 1000000;
    listener_close(&loop->streams);
    listener_close(&loop->handoffs);
    struct link *link = p->conns.head.next;
    while (link != &p->conns.head) {
        struct conn *conn = conn_of_list(link);
        link = link->next;
        conn_end_soon(p, conn, p->drain_ms);
    }
}

static void take_signal(struct loop *loop)
{
    struct signalfd_siginfo info;
    if (read(loop->signals.fd, &info, sizeof info) == sizeof info)
        begin_drain(loop);
}

static void dispatch(struct loop *loop, const struct epoll_event *event)
{
    struct pusher *p = loop->p;
    struct watch *watch = event->data.ptr;
    switch ((enum watch_kind)watch->kind) {
    case WATCH_SIGNALS:
        take_signal(loop);
        break;
    case WATCH_STREAMS:
        accept_some(loop, &loop->streams);
        break;
    case WATCH_HINTS:
        accept_some(loop, &loop->hints);
        break;
    case WATCH_WRITER:
        hints_readable(p, watch);
        break;
    case WATCH_HANDOFFS:
        accept_some(loop, &loop->handoffs);
        break;
    case WATCH_GIVER:
        handoffs_readable(p, watch);
        break;
    case WATCH_CONN:
        if (event->events & EPOLLOUT)
            conn_writable(p, conn_of_watch(watch));
        if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
            conn_readable(p, conn_of_watch(watch));
        break;
    case WATCH_DATABASE:
        db_ready(p->db, event->events);
        break;
    }
}

static void run_timers(struct pusher *p)
{
    struct list due;
    list_init(&due);
    wheel_turn(&p->wheel, pusher_tick(p, 0), &due);
    for (struct link *link; (link = list_take(&due));)
        conn_tick(p, conn_of_timer(link));
}

// Connections are served in the order in which they joined the queue; one with more to write joins its end again. The
// rest waits for the next turn, which hears new hints first: under load, pieces of text meet there and are collapsed.
static void write_some(struct pusher *p)
{
    for (int i = 0; i < WRITES_A_TURN; i++) {
        struct link *link = write_queue_take(&p->rooms.write_queue);
        if (!link)
            break;
        conn_flush(p, conn_of_queued(link));
    }
    p->behind = p->rooms.write_queue.n > 0;
}

static void free_dead(struct pusher *p)
{
    for (struct link *link; (link = list_take(&p->dead));)
        conn_free(conn_of_list(link));
}

static void tell_time(struct pusher *p)
{
    p->now_ns = p->rooms.now_ns = clock_mono_ns();
    p->now_wall_us = p->now_ns / 1000 + p->wall_ahead_us;
}

static void housekeeping(struct loop *loop)
{
    struct pusher *p = loop->p;
    if (p->now_ns < loop->probe_at_ns)
        return;
    loop->probe_at_ns = p->now_ns + PROBE_MS * INT64_C(1000000);
    listener_recover(&loop->streams);
    listener_recover(&loop->hints);
    listener_recover(&loop->handoffs);
    hints_probe(loop->paths->hint);
    conn_end_stale(p);
    rooms_tidy(&p->rooms, p->now_ns - LINGER_S * INT64_C(1000000000));
}

static void turn(struct loop *loop)
{
    struct pusher *p = loop->p;
    struct epoll_event events[EVENTS_A_TURN];
    int timeout = p->rooms.write_queue.n ? 0 : db_timeout_ms(p->db, TICK_MS);
    int n = epoll_wait(p->epoll, events, EVENTS_A_TURN, timeout);
    tell_time(p);
    for (int i = 0; i < n; i++)
        dispatch(loop, &events[i]);
    conn_end_revoked(p);
    hints_acknowledge(p);
    run_timers(p);
    housekeeping(loop);
    rooms_wake(&p->rooms);
    write_some(p);
    if (p->relay)
        relay_step(p->relay);
    db_step(p->db);
    free_dead(p);
    manager_alive();
}

static int open_all(struct loop *loop)
{
    const struct loop_paths *paths = loop->paths;
    int epoll = loop->p->epoll = epoll_create1(EPOLL_CLOEXEC);
    signals_block();
    loop->signals = (struct watch){WATCH_SIGNALS, signals_fd()};
    if (watch_add(epoll, &loop->signals, EPOLLIN)) {
        log_error("cannot watch for signals: %s", strerror(errno));
        return -1;
    }
    // What a hint says is believed until the next comparison with the database: only writers of this user may send one.
    // Streams come from nginx, whose group the socket has.
    return listener_open(&loop->hints, epoll, WATCH_HINTS, SOCK_SEQPACKET, UNIX_SOCKET_OWN, paths->hint) ||
                   listener_open(&loop->streams, epoll, WATCH_STREAMS, SOCK_STREAM, UNIX_SOCKET_GROUP, paths->http) ||
                   listener_open(&loop->handoffs, epoll, WATCH_HANDOFFS, SOCK_SEQPACKET, UNIX_SOCKET_GROUP,
                                 paths->handoff)
               ? -1
               : 0;
}

int loop_run(struct pusher *p, const struct loop_paths *paths)
{
    struct loop loop = {.p = p,
                        .paths = paths,
                        .signals.fd = -1,
                        .streams = LISTENER_NONE,
                        .hints = LISTENER_NONE,
                        .handoffs = LISTENER_NONE};
    tell_time(p);
    wheel_init(&p->wheel, pusher_tick(p, 0));
    int outcome = open_all(&loop);
    if (outcome == 0) {
        log_info("listening: http=%s hints=%s", paths->http, paths->hint);
        manager_ready();
        while (!p->drain_until_ns || (p->conns_n > 0 && p->now_ns < p->drain_until_ns))
            turn(&loop);
        log_info("stopped: streams=%zu", p->conns_n);
    }
    listener_close(&loop.streams);
    listener_close(&loop.hints);
    listener_close(&loop.handoffs);
    if (loop.signals.fd >= 0)
        (void)close(loop.signals.fd);
    return outcome;
}
