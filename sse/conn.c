// SPDX-License-Identifier: Apache-2.0
#include "sse/conn_parts.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "base/log.h"
#include "sse/stream_format.h"
#include "sse/peer.h"
#include "sse/principals.h"
#include "sse/quota.h"
#include "sse/request.h"
#include "sse/revoked.h"

enum { HEAD_TIMEOUT_MS = 10000, CLOSE_TIMEOUT_MS = 5000, SEND_BUFFER_BYTES = 16 * 1024 };
// How many bytes a peer that has had its answer may still send before the connection is reset.
enum { LINGER_BYTES = 1 << 20 };
// How many bytes the client of a stream may send to no purpose.
enum { STREAM_DROPPED_BYTES = 16 * 1024 };

struct conn *conn_of_watch(struct watch *watch)
{
    return LIST_OWNER(watch, struct conn, watch);
}

struct conn *conn_of_queued(struct link *link)
{
    return LIST_OWNER(link, struct conn, queued);
}

struct conn *conn_of_timer(struct link *link)
{
    return LIST_OWNER(link, struct conn, timer.link);
}

struct conn *conn_of_list(struct link *link)
{
    return LIST_OWNER(link, struct conn, all);
}

static struct conn *start(struct pusher *p, int fd)
{
    struct conn *conn = mem_zero(sizeof *conn);
    conn->watch = (struct watch){WATCH_CONN, fd};
    list_join(&p->conns, &conn->all);
    p->conns_n++;
    p->counters.accepted++;
    wheel_set(&p->wheel, &conn->timer, pusher_tick(p, HEAD_TIMEOUT_MS));
    if (watch_add(p->epoll, &conn->watch, EPOLLIN | EPOLLRDHUP)) {
        log_error("cannot watch a new connection: %s", strerror(errno));
        conn_end(p, conn, CLOSE_FULL, NULL);
    }
    return conn;
}

void conn_new(struct pusher *p, int fd)
{
    int size = SEND_BUFFER_BYTES;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    (void)start(p, fd);
}

void conn_close_now(struct pusher *p, struct conn *conn, enum close_reason reason)
{
    if (conn->state == CONN_DEAD)
        return;
    conn->state = CONN_DEAD;
    p->counters.closed[reason]++;
    watch_close(p->epoll, &conn->watch);
    if (conn->feed)
        feed_leave(conn->feed);
    write_queue_drop(&p->rooms.write_queue, &conn->queued);
    quota_give(p->quota, conn->principals);
    wheel_stop(&conn->timer);
    list_leave(&conn->all);
    list_join(&p->dead, &conn->all);
    p->conns_n--;
}

void conn_abandon(struct pusher *p, struct conn *conn)
{
    conn_close_now(p, conn, CLOSE_DRAIN);
}

void conn_free(struct conn *conn)
{
    assert(conn->state == CONN_DEAD);
    buf_fini(&conn->in);
    outbox_fini(&conn->out);
    free(conn->principals);
    free(conn->feed);
    free(conn);
}

static void enqueue(struct pusher *p, struct conn *conn, struct frame *frame)
{
    outbox_add(&conn->out, frame, 0);
    write_queue_add(&p->rooms.write_queue, &conn->queued);
}

void conn_end(struct pusher *p, struct conn *conn, enum close_reason reason, struct frame *word)
{
    if (conn->state >= CONN_CLOSING) {
        frame_unref(word);
        return;
    }
    conn->state = CONN_CLOSING;
    conn->reason = (uint8_t)reason;
    if (conn->feed)
        feed_leave(conn->feed);
    if (word)
        enqueue(p, conn, word);
    write_queue_add(&p->rooms.write_queue, &conn->queued);
    wheel_set(&p->wheel, &conn->timer, pusher_tick(p, CLOSE_TIMEOUT_MS));
}

void conn_end_soon(struct pusher *p, struct conn *conn, int64_t within_ms)
{
    if (conn->state >= CONN_CLOSING)
        return;
    conn->ends_ns = p->now_ns;
    wheel_set(&p->wheel, &conn->timer, pusher_tick(p, within_ms ? pusher_random(0, (int)within_ms) : 0));
}

static void set_timer(struct pusher *p, struct conn *conn)
{
    int64_t in_ms = (conn->ends_ns - p->now_ns) / 1000000;
    int64_t expires_ms = (conn->expires_us - p->now_wall_us) / 1000 + 1;
    if (expires_ms < in_ms)
        in_ms = expires_ms;
    wheel_set(&p->wheel, &conn->timer, pusher_tick(p, in_ms < p->ping_ms ? (in_ms > 0 ? in_ms : 0) : p->ping_ms));
}

// The request has been understood, so from now on the connection is a stream.
static void open_stream(struct pusher *p, struct conn *conn, const struct subscription *subscription,
                        enum stream_way way)
{
    struct feed *feed = mem_alloc(feed_size(subscription->rooms_n));
    feed_init(feed, subscription->rooms_n, subscription->numbers_only, &p->rooms.write_queue, &conn->queued);
    feed->subscriber.fd = conn->watch.fd;
    conn->feed = feed;
    conn->dialect = (uint8_t)subscription->dialect;
    for (unsigned i = 0; i < subscription->rooms_n; i++) {
        const struct subscription_room *room = &subscription->rooms[i];
        if (room->denied)
            continue;
        struct room *found = rooms_get(&p->rooms, room->name);
        assert(found); // request_judge_stream() has seen that there is a place for it
        if (subscription->dialect != DIALECT_NATIVE)
            feed_join_dialect(feed, i, found, subscription->dialect, room->head);
        else
            feed_join(feed, i, found, room->from, room->head);
    }
    conn->state = CONN_STREAM;
    conn->principals = principals_keep(subscription);
    quota_take(p->quota, conn->principals);
    conn->authorised_us = subscription->at_us;
    conn->expires_us = subscription->until_us;
    // Lifetimes differ by up to a quarter, so that streams that began together do not end together.
    conn->ends_ns = p->now_ns + (p->lifetime_ms - pusher_random(0, (int)(p->lifetime_ms / 4))) * 1000000;
    p->counters.streams++;
    set_timer(p, conn);
    struct buf b = {0};
    if (subscription->dialect == DIALECT_NATIVE)
        stream_format_opening(&b, feed, subscription, way, pusher_random(1000, 4000), p->build, p->now_wall_us);
    else
        stream_format_head(&b, subscription, way, p->now_wall_us);
    enqueue(p, conn, frame_bytes(buf_view(&b)));
    buf_fini(&b);
}

void conn_adopt(struct pusher *p, int fd, const struct subscription *subscription)
{
    peer_set(fd);
    struct conn *conn = start(p, fd);
    if (conn->state == CONN_HEAD)
        open_stream(p, conn, subscription, STREAM_DIRECT);
}

static void take_request(struct pusher *p, struct conn *conn)
{
    static const enum close_reason reasons[] = {[REQUEST_ANSWERED] = CLOSE_REQUEST,
                                                [REQUEST_REVOKED] = CLOSE_REVOKED,
                                                [REQUEST_QUOTA] = CLOSE_QUOTA,
                                                [REQUEST_FULL] = CLOSE_FULL,
                                                [REQUEST_FORGED] = CLOSE_FORGED};
    struct subscription subscription;
    struct frame *answer = NULL;
    enum request_outcome outcome = request_judge(p, buf_view(&conn->in), &subscription, &answer);
    if (outcome == REQUEST_MORE)
        return;
    if (outcome == REQUEST_FULL)
        log_warning("a stream is refused, as all rooms have subscribers: rooms=%zu", p->rooms.n);
    if (outcome == REQUEST_STREAM)
        open_stream(p, conn, &subscription, STREAM_PROXIED);
    else
        conn_end(p, conn, reasons[outcome], answer);
    buf_fini(&conn->in);
}

// The peer has ended its side, or the connection is broken. A peer that only ended its side still gets its last words;
// when this is heard a second time, it has gone altogether.
static void hear_end(struct pusher *p, struct conn *conn, bool is_end)
{
    if (conn->state == CONN_CLOSING && is_end && !conn->peer_ended) {
        conn->peer_ended = true;
        watch_change(p->epoll, &conn->watch, conn_interest(conn));
        return;
    }
    enum close_reason reason = (enum close_reason)conn->reason;
    conn_close_now(p, conn,
                   conn->state == CONN_HEAD     ? CLOSE_REQUEST
                   : conn->state == CONN_STREAM ? CLOSE_CLIENT
                                                : reason);
}

// A stream has nothing to read: nginx sends nothing, and a client that sends more speaks another protocol.
static void drop(struct pusher *p, struct conn *conn, uint32_t n)
{
    bool is_stream = conn->state == CONN_STREAM;
    conn->dropped_bytes += n;
    if (conn->dropped_bytes > (is_stream ? STREAM_DROPPED_BYTES : LINGER_BYTES))
        conn_close_now(p, conn, is_stream ? CLOSE_CLIENT : (enum close_reason)conn->reason);
}

void conn_readable(struct pusher *p, struct conn *conn)
{
    char bytes[4096];
    if (conn->state == CONN_DEAD)
        return;
    ssize_t n = recv(conn->watch.fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        hear_end(p, conn, n == 0);
    } else if (conn->state == CONN_HEAD) {
        buf_bytes(&conn->in, bytes, (size_t)n);
        take_request(p, conn);
    } else {
        drop(p, conn, (uint32_t)n);
    }
}

void conn_writable(struct pusher *p, struct conn *conn)
{
    if (conn->state == CONN_DEAD || !conn->blocked)
        return;
    conn->blocked = false;
    watch_change(p->epoll, &conn->watch, conn_interest(conn));
    write_queue_add(&p->rooms.write_queue, &conn->queued);
}

void conn_tick(struct pusher *p, struct conn *conn)
{
    switch ((enum conn_state)conn->state) {
    case CONN_HEAD:
    case CONN_CLOSING:
    case CONN_LINGERING:
        conn_close_now(p, conn, conn->state == CONN_HEAD ? CLOSE_REQUEST : (enum close_reason)conn->reason);
        return;
    case CONN_DEAD:
        return;
    case CONN_STREAM:
        break;
    }
    enum dialect dialect = (enum dialect)conn->dialect;
    if (p->now_wall_us >= conn->expires_us) {
        conn_end(p, conn, CLOSE_REVOKED, request_expired(dialect));
    } else if (p->now_ns >= conn->ends_ns) {
        conn_end(p, conn, p->drain_until_ns ? CLOSE_DRAIN : CLOSE_LIFETIME, request_farewell(p, dialect));
    } else if (conn->blocked && p->now_ns - conn->blocked_since_ns > 2 * p->ping_ms * 1000000) {
        conn_close_now(p, conn, CLOSE_STUCK);
    } else {
        if (conn->out.n == 0)
            enqueue(p, conn, request_ping(p, dialect));
        set_timer(p, conn);
    }
}

// The first of the stream's principals that has lost a right since it was authorised; NULL: none has.
static const char *lost_right(const struct pusher *p, const struct conn *conn)
{
    for (const char *at = conn->principals; at && *at; at += strlen(at) + 1)
        if (revoked_is_new(p->revoked, str_from(at), conn->authorised_us))
            return at;
    return NULL;
}

void conn_end_revoked(struct pusher *p)
{
    struct link *link = revoked_has_new(p->revoked) ? p->conns.head.next : &p->conns.head;
    while (link != &p->conns.head) {
        struct conn *conn = conn_of_list(link);
        link = link->next;
        const char *principal = lost_right(p, conn);
        if (principal)
            conn_end(p, conn, CLOSE_REVOKED, request_revoked((enum dialect)conn->dialect, str_from(principal)));
    }
    revoked_taken(p->revoked);
}

void conn_end_stale(struct pusher *p)
{
    // A machine that is alone misses no revocation while the database is away.
    if (!p->relay || p->now_wall_us - p->rights_known_us <= p->rights_last_us)
        return;
    struct link *link = p->conns.head.next;
    while (link != &p->conns.head) {
        struct conn *conn = conn_of_list(link);
        link = link->next;
        if (conn->state == CONN_STREAM && p->now_wall_us - conn->authorised_us > p->rights_last_us)
            conn_end(p, conn, CLOSE_STALE, request_interruption(p, (enum dialect)conn->dialect));
    }
}
