// SPDX-License-Identifier: Apache-2.0
#include "wire/bus.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/unix_socket.h"
#include "wire/socket.h"

// The least time between two attempts to reach a pusher that is away, so that its absence costs a write next to
// nothing.
static const int64_t RETRY_NS = 100 * INT64_C(1000000);
// A few long hints fill a socket, and one without a number cannot be made up for. So its writer waits this long for the
// pusher to take it; all pieces of a text together have the same time. A pusher that did not take it in time is not
// waited for again until it has taken something.
enum { LONG_BYTES = 16 * 1024, PATIENCE_MS = 100, PEERS_MAX = SOCKET_PUSHERS_MAX + 1 };

struct peer {
    char path[UNIX_SOCKET_PATH_SIZE];
    int fd;              // -1: not connected
    int64_t retry_at_ns; // CLOCK_MONOTONIC
    bool said_away;
    bool is_stuck;
    bool owes; // has not acknowledged yet
};

struct bus {
    struct buf packed;
    int64_t lost;
    int n;
    struct peer peers[];
};

static void add_peer(struct bus *bus, const char *directory, enum socket_kind kind, int number)
{
    struct peer *peer = &bus->peers[bus->n++];
    peer->fd = -1;
    char name[SOCKET_NAME_SIZE];
    int n = snprintf(peer->path, sizeof peer->path, "%s/%s", directory, socket_name(name, kind, number));
    assert(n > 0 && (size_t)n < sizeof peer->path);
}

struct bus *bus_new(const char *directory, int pushers, const char *relay_directory)
{
    assert(pushers <= SOCKET_PUSHERS_MAX);
    struct bus *bus = mem_zero(sizeof *bus + (size_t)(pushers + 1) * sizeof bus->peers[0]);
    for (int i = 0; i < pushers; i++)
        add_peer(bus, directory, SOCKET_HINTS, i + 1);
    if (relay_directory[0] != '\0')
        add_peer(bus, relay_directory, SOCKET_RELAY_HINTS, 0);
    return bus;
}

struct bus *bus_configured(void)
{
    return bus_new(config_text(CONFIG_SOCKET_DIR), (int)config_number(CONFIG_PUSHERS), config_text(CONFIG_RELAY_DIR));
}

static void hang_up(struct peer *peer)
{
    if (peer->fd >= 0)
        (void)close(peer->fd);
    peer->fd = -1;
}

void bus_free(struct bus *bus)
{
    if (!bus)
        return;
    for (int i = 0; i < bus->n; i++)
        hang_up(&bus->peers[i]);
    buf_fini(&bus->packed);
    free(bus);
}

int64_t bus_lost(const struct bus *bus)
{
    return bus->lost;
}

static int call(struct peer *peer)
{
    if (peer->fd >= 0)
        return 0;
    int64_t now_ns = clock_mono_ns();
    if (now_ns < peer->retry_at_ns)
        return -1;
    peer->fd = unix_socket_connect(peer->path, SOCK_SEQPACKET);
    if (peer->fd >= 0) {
        peer->said_away = false;
        return 0;
    }
    if (!peer->said_away)
        log_warning("no pusher is listening at %s: %s", peer->path, strerror(errno));
    peer->said_away = true;
    peer->retry_at_ns = now_ns + RETRY_NS;
    return -1;
}

// True if the socket took nothing because it was full, and has room again.
static bool has_room_again(struct peer *peer, int64_t until_ns)
{
    if (errno != EAGAIN || until_ns == 0 || peer->is_stuck)
        return false;
    int64_t left_ms = (until_ns - clock_mono_ns()) / 1000000;
    peer->is_stuck = left_ms <= 0 || poll(&(struct pollfd){peer->fd, POLLOUT, 0}, 1, (int)left_ms) != 1;
    return !peer->is_stuck;
}

// The moment up to which a full socket is waited for.
static int64_t patience_ends_ns(void)
{
    return clock_mono_ns() + PATIENCE_MS * INT64_C(1000000);
}

// Waits for a full socket until `until_ns` on the monotonic clock; 0 is not at all.
static void deliver(struct bus *bus, int64_t until_ns)
{
    for (int i = 0; i < bus->n; i++) {
        struct peer *peer = &bus->peers[i];
        // Only a failed send shows that the pusher was restarted, so the hint gets a second try on a new connection.
        for (int tries = 0; tries < 2; tries++) {
            if (call(peer)) {
                bus->lost++;
                break;
            }
            ssize_t sent;
            do
                sent = send(peer->fd, bus->packed.p, bus->packed.n, MSG_NOSIGNAL);
            while (sent < 0 && has_room_again(peer, until_ns));
            if (sent >= 0) {
                peer->is_stuck = false;
                break;
            }
            if (errno == EAGAIN || errno == ENOBUFS || tries == 1) {
                bus->lost++;
                break;
            }
            hang_up(peer);
        }
    }
}

static void send_pieces(struct bus *bus, struct hint piece)
{
    struct str rest = piece.body;
    size_t most = hint_room_for_body(&piece);
    int64_t until_ns = patience_ends_ns();
    piece.pieces = (uint16_t)((rest.n + most - 1) / most);
    for (piece.piece = 0; piece.piece < piece.pieces; piece.piece++) {
        size_t n = rest.n < most ? rest.n : most;
        piece.body = (struct str){rest.p, n};
        rest = str_skip(rest, n);
        buf_clear(&bus->packed);
        if (hint_pack(&bus->packed, &piece) == 0)
            deliver(bus, until_ns);
    }
}

void bus_send(struct bus *bus, const struct hint *hint)
{
    struct hint h = *hint;
    bool is_text = h.flags & (HINT_CONTENT | HINT_DELTA);
    if (is_text && h.pieces == 0)
        h.pieces = 1;
    buf_clear(&bus->packed);
    if (hint_pack(&bus->packed, &h) == 0) {
        // What has to be forgotten is not told again, by anything.
        bool is_worth_waiting = h.seq == 0 && (bus->packed.n > LONG_BYTES || h.flags & HINT_FORGETS);
        deliver(bus, is_worth_waiting ? patience_ends_ns() : 0);
        return;
    }
    if (is_text) {
        send_pieces(bus, h);
    } else if (h.seq) {
        h.body = STR_NONE;
        if (hint_pack(&bus->packed, &h) == 0)
            deliver(bus, 0);
    } else {
        log_warning("an event of %zu bytes without a number is too long to send: %.*s", h.body.n, (int)h.name.n,
                    h.name.p);
    }
}

// Reads what the peer has acknowledged. A pusher that was too late for an earlier question answers that one first.
static void hear(struct peer *peer, int64_t stamp)
{
    int64_t acknowledged = 0;
    ssize_t n;
    while ((n = recv(peer->fd, &acknowledged, sizeof acknowledged, MSG_DONTWAIT)) > 0)
        if (n == HINT_ACK_BYTES && acknowledged == stamp)
            peer->owes = false;
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        hang_up(peer);
}

// Waits for those who owe an acknowledgement. False once nobody is left who could send one, or the time is over.
static bool wait_for_some(struct bus *bus, int64_t stamp, int64_t until)
{
    struct pollfd fds[PEERS_MAX];
    struct peer *waiting[PEERS_MAX];
    nfds_t n = 0;
    for (int i = 0; i < bus->n; i++) {
        if (!bus->peers[i].owes || bus->peers[i].fd < 0)
            continue;
        waiting[n] = &bus->peers[i];
        fds[n++] = (struct pollfd){bus->peers[i].fd, POLLIN, 0};
    }
    int64_t left_ms = (until - clock_mono_ns() + 999999) / 1000000;
    if (n == 0 || left_ms <= 0 || (poll(fds, n, (int)left_ms) < 0 && errno != EINTR))
        return false;
    for (nfds_t i = 0; i < n; i++)
        if (fds[i].revents)
            hear(waiting[i], stamp);
    return true;
}

int bus_revoked(struct bus *bus)
{
    const struct hint hint = {.flags = HINT_REVOKED, .stamp_ns = clock_mono_ns()};
    int64_t until = hint.stamp_ns + BUS_REVOKED_MS * INT64_C(1000000);
    int owing = 0;
    for (int i = 0; i < bus->n; i++)
        bus->peers[i].owes = true;
    buf_clear(&bus->packed);
    int packed = hint_pack(&bus->packed, &hint);
    assert(packed == 0);
    deliver(bus, until);
    while (wait_for_some(bus, hint.stamp_ns, until))
        continue;
    for (int i = 0; i < bus->n; i++)
        owing += bus->peers[i].owes;
    return owing;
}
