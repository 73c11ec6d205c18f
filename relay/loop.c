// SPDX-License-Identifier: Apache-2.0
#include "relay/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/manager.h"
#include "base/signals.h"
#include "relay/arrivals.h"
#include "relay/bridge.h"
#include "relay/questions.h"
#include "relay/take.h"

enum { EVENTS_A_TURN = 256, TICK_MS = 1000 };

struct loop {
    struct relay *relay;
    struct watch signals;
    struct watch nats;
    struct listener listeners[PEER_KIND__MAX];
    int64_t tick_at_ns;
    int64_t began_ns;
    bool is_up;      // what was last logged of NATS
    bool is_refused; // that it cannot be used has been logged
    bool behind;     // messages by NATS are left for the next turn
    bool is_over;    // a signal came
};

static void note_state(struct loop *loop)
{
    struct bridge *bridge = loop->relay->bridge;
    bridge_mend(bridge, loop->relay->now_ns);
    if (bridge_is_up(bridge)) {
        if (!loop->is_up)
            log_info("NATS is connected again");
        loop->is_up = true;
        loop->is_refused = false;
        return;
    }
    // At the start it has a moment to come.
    if (loop->relay->now_ns - loop->began_ns < TICK_MS * INT64_C(1000000))
        return;
    const char *why = bridge_error(bridge);
    bool is_refused = bridge_is_refused(bridge);
    if (!why || (!loop->is_up && (loop->is_refused || !is_refused)))
        return;
    log_error("NATS %s: %s; hints stay on their machine, and others find events by comparing counters",
              is_refused ? "cannot be used, and is tried again" : "is away", why);
    loop->is_up = false;
    loop->is_refused = is_refused;
}

static void dispatch(struct loop *loop, struct watch *watch)
{
    struct listener *listener;
    switch ((enum watch_kind)watch->kind) {
    case WATCH_SIGNALS:
        loop->is_over = true;
        break;
    case WATCH_NATS:
        arrivals_take(bridge_arrivals(loop->relay->bridge));
        note_state(loop);
        loop->behind = true;
        break;
    case WATCH_LISTENER:
        listener = (struct listener *)watch;
        peers_accept(loop->relay, listener, (enum peer_kind)(listener - loop->listeners));
        break;
    case WATCH_PEER:
        take_peer(loop->relay, (struct peer *)watch);
        break;
    }
}

static void turn(struct loop *loop)
{
    struct relay *relay = loop->relay;
    struct epoll_event events[EVENTS_A_TURN];
    int64_t left_ms = (loop->tick_at_ns - clock_mono_ns()) / 1000000 + 1;
    int n = epoll_wait(relay->epoll, events, EVENTS_A_TURN, loop->behind || left_ms <= 0 ? 0 : (int)left_ms);
    relay->now_ns = clock_mono_ns();
    manager_alive();
    for (int i = 0; i < n; i++)
        dispatch(loop, events[i].data.ptr);
    if (loop->behind)
        loop->behind = !take_arrivals(relay);
    if (relay->now_ns < loop->tick_at_ns)
        return;
    loop->tick_at_ns = relay->now_ns + TICK_MS * INT64_C(1000000);
    for (int i = 0; i < PEER_KIND__MAX; i++)
        listener_recover(&loop->listeners[i]);
    note_state(loop);
    questions_tick(relay);
    followed_tidy(relay->followed, relay->now_ns);
}

static int open_all(struct loop *loop, const struct loop_paths *paths)
{
    struct relay *relay = loop->relay;
    const struct {
        int type;
        const char *path;
    } doors[PEER_KIND__MAX] = {[PEER_WRITER] = {SOCK_SEQPACKET, paths->hints},
                               [PEER_LINK] = {SOCK_SEQPACKET, paths->links},
                               [PEER_CALLER] = {SOCK_STREAM, paths->http}};
    relay->epoll = epoll_create1(EPOLL_CLOEXEC);
    // They have been blocked before libnats made its threads.
    loop->signals = (struct watch){WATCH_SIGNALS, signals_fd()};
    loop->nats = (struct watch){WATCH_NATS, arrivals_fd(bridge_arrivals(relay->bridge))};
    if (watch_add(relay->epoll, &loop->signals, EPOLLIN) || watch_add(relay->epoll, &loop->nats, EPOLLIN)) {
        log_error("cannot watch for signals and NATS: %s", strerror(errno));
        return -1;
    }
    for (int i = 0; i < PEER_KIND__MAX; i++)
        if (listener_open(&loop->listeners[i], relay->epoll, WATCH_LISTENER, doors[i].type, UNIX_SOCKET_ANY,
                          doors[i].path))
            return -1;
    return 0;
}

int loop_run(struct relay *relay, const struct loop_paths *paths)
{
    struct loop loop = {.relay = relay, .signals.fd = -1, .is_up = true};
    for (int i = 0; i < PEER_KIND__MAX; i++)
        loop.listeners[i] = LISTENER_NONE;
    relay->now_ns = clock_mono_ns();
    loop.began_ns = relay->now_ns;
    loop.tick_at_ns = relay->now_ns + TICK_MS * INT64_C(1000000);
    int outcome = open_all(&loop, paths);
    if (outcome == 0) {
        log_info("listening: hints=%s links=%s", paths->hints, paths->links);
        manager_ready();
        while (!loop.is_over)
            turn(&loop);
        manager_stopping();
        log_info("stopped");
    }
    for (struct link *link; (link = list_first(&relay->peers));)
        take_leave(relay, LIST_OWNER(link, struct peer, all));
    for (int i = 0; i < PEER_KIND__MAX; i++)
        listener_close(&loop.listeners[i]);
    if (loop.signals.fd >= 0)
        (void)close(loop.signals.fd);
    (void)close(relay->epoll);
    return outcome;
}
