#include "lib/bus.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "lib/clock.h"
#include "lib/log.h"

// A pusher that is away is tried again this often, so that its absence costs a write next to nothing.
static const int64_t RETRY_NS = 100 * INT64_C(1000000);
// A few of what is long fill a socket, and what has no number does not heal: its writer waits so long for the pusher to
// take it, a text in pieces in all. A pusher that did not is waited for again when it takes something.
enum { LONG = 16 * 1024, PATIENCE_MS = 100 };

struct peer {
    struct sockaddr_un address;
    int fd; // -1: not connected
    int64_t retry_at;
    bool said_away;
    bool is_stuck;
};

struct bus {
    struct buf packed;
    int64_t lost;
    int n;
    struct peer peers[];
};

struct bus *bus_new(const char *directory, int pushers)
{
    struct bus *bus = mem_zero(sizeof *bus + (size_t)pushers * sizeof bus->peers[0]);
    bus->n = pushers;
    for (int i = 0; i < pushers; i++) {
        struct peer *peer = &bus->peers[i];
        peer->fd = -1;
        peer->address.sun_family = AF_UNIX;
        int n = snprintf(peer->address.sun_path, sizeof peer->address.sun_path, "%s/pusher-%d.hint", directory, i + 1);
        assert(n > 0 && (size_t)n < sizeof peer->address.sun_path);
    }
    return bus;
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
    int64_t now = clock_mono_ns();
    if (now < peer->retry_at)
        return -1;
    peer->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (peer->fd >= 0 && connect(peer->fd, (const struct sockaddr *)&peer->address, sizeof peer->address) == 0) {
        peer->said_away = false;
        return 0;
    }
    if (!peer->said_away)
        log_warning("no pusher at %s: %s", peer->address.sun_path, strerror(errno));
    peer->said_away = true;
    peer->retry_at = now + RETRY_NS;
    hang_up(peer);
    return -1;
}

// True if the socket took nothing because it is full, and has room again.
static bool has_room_again(struct peer *peer, int64_t until)
{
    if (errno != EAGAIN || until == 0 || peer->is_stuck)
        return false;
    int64_t left_ms = (until - clock_mono_ns()) / 1000000;
    peer->is_stuck = left_ms <= 0 || poll(&(struct pollfd){peer->fd, POLLOUT, 0}, 1, (int)left_ms) != 1;
    return !peer->is_stuck;
}

static int64_t patience(void)
{
    return clock_mono_ns() + PATIENCE_MS * INT64_C(1000000);
}

// Waits for a full socket until then, on the monotonic clock; 0: not at all.
static void deliver(struct bus *bus, int64_t until)
{
    for (int i = 0; i < bus->n; i++) {
        struct peer *peer = &bus->peers[i];
        // A pusher that was restarted shows at the first send: that hint deserves a second try on a new connection.
        for (int tries = 0; tries < 2; tries++) {
            if (call(peer)) {
                bus->lost++;
                break;
            }
            ssize_t sent;
            do
                sent = send(peer->fd, bus->packed.p, bus->packed.n, MSG_NOSIGNAL);
            while (sent < 0 && has_room_again(peer, until));
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
    int64_t until = patience();
    piece.pieces = (uint16_t)((rest.n + most - 1) / most);
    for (piece.piece = 0; piece.piece < piece.pieces; piece.piece++) {
        size_t n = rest.n < most ? rest.n : most;
        piece.body = (struct str){rest.p, n};
        rest = str_skip(rest, n);
        buf_clear(&bus->packed);
        if (hint_pack(&bus->packed, &piece) == 0)
            deliver(bus, until);
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
        deliver(bus, h.seq == 0 && bus->packed.n > LONG ? patience() : 0);
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
