#include "sse/conn.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/clock.h"
#include "lib/log.h"
#include "sse/feed.h"
#include "sse/greeting.h"
#include "sse/head.h"
#include "sse/outbox.h"
#include "sse/request.h"

enum { HEAD_TIMEOUT_MS = 10000, CLOSE_TIMEOUT_MS = 5000, SEND_BUFFER = 16 * 1024 };

enum conn_state { CONN_HEAD, CONN_STREAM, CONN_CLOSING, CONN_DEAD };

struct conn {
    struct watch watch;
    uint8_t state; // enum conn_state
    uint8_t reason;
    bool blocked; // the kernel takes nothing: wait for EPOLLOUT
    bool behind;  // it was blocked, and has not caught up
    struct link ready;
    struct link all;
    struct timer timer;
    struct buf in; // the request's head, until it is complete
    struct outbox out;
    struct feed *feed;
    char *principals;   // "usr_…\0lgn_…\0\0"
    int64_t authorised; // wall µs, as the door says
    int64_t expires;    // the same; INT64_MAX: never
    int64_t blocked_since;
    int64_t ends;
};

struct conn *conn_of_watch(struct watch *watch)
{
    return LIST_OWNER(watch, struct conn, watch);
}

struct conn *conn_of_ready(struct link *link)
{
    return LIST_OWNER(link, struct conn, ready);
}

struct conn *conn_of_timer(struct link *link)
{
    return LIST_OWNER(link, struct conn, timer.link);
}

struct conn *conn_of_list(struct link *link)
{
    return LIST_OWNER(link, struct conn, all);
}

void conn_new(struct pusher *p, int fd)
{
    int size = SEND_BUFFER;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    struct conn *conn = mem_zero(sizeof *conn);
    conn->watch = (struct watch){WATCH_CONN, fd};
    list_join(&p->conns, &conn->all);
    p->conns_n++;
    p->metrics.accepted++;
    wheel_set(&p->wheel, &conn->timer, pusher_tick(p, HEAD_TIMEOUT_MS));
    if (watch_add(p->epoll, &conn->watch, EPOLLIN | EPOLLRDHUP) == 0)
        return;
    log_error("cannot watch a connection: %s", strerror(errno));
    conn_end(p, conn, CLOSE_FULL, NULL);
}

static void die(struct pusher *p, struct conn *conn, enum close_reason reason)
{
    if (conn->state == CONN_DEAD)
        return;
    conn->state = CONN_DEAD;
    p->metrics.closed[reason]++;
    (void)close(conn->watch.fd);
    if (conn->feed)
        feed_leave(conn->feed);
    ready_drop(&p->rooms.ready, &conn->ready);
    wheel_stop(&conn->timer);
    list_leave(&conn->all);
    list_join(&p->dead, &conn->all);
    p->conns_n--;
}

void conn_abandon(struct pusher *p, struct conn *conn)
{
    die(p, conn, CLOSE_DRAIN);
}

void conn_free(struct pusher *p, struct conn *conn)
{
    assert(conn->state == CONN_DEAD);
    (void)p;
    buf_fini(&conn->in);
    outbox_fini(&conn->out);
    free(conn->principals);
    free(conn->feed);
    free(conn);
}

static void say(struct pusher *p, struct conn *conn, struct frame *frame)
{
    outbox_add(&conn->out, frame, 0);
    ready_add(&p->rooms.ready, &conn->ready);
}

void conn_end(struct pusher *p, struct conn *conn, enum close_reason reason, struct frame *word)
{
    if (conn->state >= CONN_CLOSING)
        return;
    conn->state = CONN_CLOSING;
    conn->reason = (uint8_t)reason;
    if (conn->feed)
        feed_leave(conn->feed);
    if (word)
        say(p, conn, word);
    ready_add(&p->rooms.ready, &conn->ready);
    wheel_set(&p->wheel, &conn->timer, pusher_tick(p, CLOSE_TIMEOUT_MS));
}

void conn_end_soon(struct pusher *p, struct conn *conn, int64_t within_ms)
{
    if (conn->state == CONN_CLOSING)
        return;
    conn->ends = p->now;
    wheel_set(&p->wheel, &conn->timer, pusher_tick(p, within_ms ? pusher_random(0, (int)within_ms) : 0));
}

// The principals' own memory, as the request's goes.
static char *keep_principals(const struct door *door)
{
    struct buf b = {0};
    for (unsigned i = 0; i < door->principals_n; i++) {
        buf_str(&b, door->principals[i]);
        buf_char(&b, '\0');
    }
    buf_char(&b, '\0');
    char *kept = mem_dup(buf_view(&b));
    buf_fini(&b);
    return kept;
}

bool conn_is_of(const struct conn *conn, struct str principal, int64_t until)
{
    if (!conn->principals || conn->authorised > until)
        return false;
    for (const char *at = conn->principals; *at; at += strlen(at) + 1)
        if (str_eq(str_from(at), principal))
            return true;
    return false;
}

static void set_timer(struct pusher *p, struct conn *conn)
{
    int64_t in_ms = (conn->ends - p->now) / 1000000;
    int64_t expires_ms = (conn->expires - p->now_wall) / 1000 + 1;
    if (expires_ms < in_ms)
        in_ms = expires_ms;
    wheel_set(&p->wheel, &conn->timer, pusher_tick(p, in_ms < p->ping_ms ? (in_ms > 0 ? in_ms : 0) : p->ping_ms));
}

// The request has been understood: from now on the connection is a stream.
static void open_stream(struct pusher *p, struct conn *conn, const struct door *door)
{
    struct feed *feed = mem_alloc(feed_size(door->rooms_n));
    feed_init(feed, door->rooms_n, &p->rooms.ready, &conn->ready);
    conn->feed = feed;
    for (unsigned i = 0; i < door->rooms_n; i++) {
        const struct door_room *room = &door->rooms[i];
        struct room *found = room->denied ? NULL : rooms_get(&p->rooms, room->name);
        if (found) {
            feed_join(feed, i, found, room->from, room->head);
        } else if (!room->denied) {
            log_warning("no place for another room: rooms=%zu", p->rooms.n);
            conn_end(p, conn, CLOSE_FULL, request_unavailable(0));
            return;
        }
    }
    conn->state = CONN_STREAM;
    conn->principals = keep_principals(door);
    conn->authorised = door->at;
    conn->expires = door->until;
    // Up to a quarter less, so that streams that began together do not end together.
    conn->ends = p->now + (p->lifetime_ms - pusher_random(0, (int)(p->lifetime_ms / 4))) * 1000000;
    p->metrics.streams++;
    set_timer(p, conn);
    struct buf b = {0};
    greeting_print(&b, feed, door, pusher_random(1000, 4000), p->build, p->now_wall);
    say(p, conn, frame_bytes(buf_view(&b)));
    buf_fini(&b);
}

static void take_request(struct pusher *p, struct conn *conn)
{
    struct door door;
    struct frame *answer = NULL;
    switch (request_judge(p, buf_view(&conn->in), &door, &answer)) {
    case REQUEST_MORE:
        return;
    case REQUEST_ANSWERED:
        conn_end(p, conn, CLOSE_REQUEST, answer);
        break;
    case REQUEST_REVOKED:
        conn_end(p, conn, CLOSE_REVOKED, answer);
        break;
    case REQUEST_STREAM:
        open_stream(p, conn, &door);
        break;
    }
    buf_fini(&conn->in);
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
        die(p, conn, conn->state == CONN_STREAM ? CLOSE_CLIENT : CLOSE_REQUEST);
    } else if (conn->state == CONN_HEAD) {
        buf_bytes(&conn->in, bytes, (size_t)n);
        take_request(p, conn);
    }
}

void conn_writable(struct pusher *p, struct conn *conn)
{
    if (conn->state == CONN_DEAD || !conn->blocked)
        return;
    conn->blocked = false;
    watch_change(p->epoll, &conn->watch, EPOLLIN | EPOLLRDHUP);
    ready_add(&p->rooms.ready, &conn->ready);
}

static void block(struct pusher *p, struct conn *conn)
{
    p->metrics.blocked++;
    conn->blocked = conn->behind = true;
    conn->blocked_since = p->now;
    watch_change(p->epoll, &conn->watch, EPOLLIN | EPOLLRDHUP | EPOLLOUT);
}

// How much the kernel took. -1: the connection is gone.
static ssize_t send_parts(struct pusher *p, struct conn *conn, struct iovec *parts, unsigned n)
{
    ssize_t sent;
    if (n == 1) {
        sent = send(conn->watch.fd, parts->iov_base, parts->iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    } else {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = n};
        sent = sendmsg(conn->watch.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        sent = 0;
    if (sent < 0) {
        die(p, conn, CLOSE_CLIENT);
        return -1;
    }
    p->metrics.writes++;
    p->metrics.bytes_out += (uint64_t)sent;
    return sent;
}

// What waited goes first. 0 when none of it is left.
static int flush_outbox(struct pusher *p, struct conn *conn)
{
    while (conn->out.n) {
        struct iovec parts[OUTBOX_PARTS];
        unsigned n = outbox_parts(&conn->out, parts);
        ssize_t sent = send_parts(p, conn, parts, n);
        if (sent < 0)
            return -1;
        if (!outbox_sent(&conn->out, (size_t)sent, n)) {
            block(p, conn);
            return -1;
        }
    }
    return 0;
}

static void flush_feed(struct pusher *p, struct conn *conn)
{
    struct batch *batch = &p->batch;
    batch_init(batch, p->queue_bytes);
    enum feed_outcome outcome = feed_pull(conn->feed, batch, conn->behind || p->behind);
    if (outcome == FEED_WAITS)
        conn->behind = false;
    size_t bytes = batch->bytes;
    ssize_t sent = batch->n ? send_parts(p, conn, batch->part, batch->n) : 0;
    if (sent >= 0 && batch->n) {
        p->metrics.events_out += batch->events;
        if (batch->oldest)
            metrics_delay(&p->metrics, clock_mono_ns() - batch->oldest);
        if ((size_t)sent < bytes) {
            outbox_keep(&conn->out, batch, (size_t)sent);
            block(p, conn);
        }
    }
    batch_clear(batch);
    if (sent < 0)
        return;
    if (outcome == FEED_OVER)
        conn_end(p, conn, CLOSE_ENDED, NULL);
    else if (outcome == FEED_MORE && !conn->blocked)
        ready_add(&p->rooms.ready, &conn->ready);
}

void conn_flush(struct pusher *p, struct conn *conn)
{
    if (conn->state == CONN_DEAD || conn->blocked || flush_outbox(p, conn))
        return;
    if (conn->state == CONN_STREAM)
        flush_feed(p, conn);
    else if (conn->state == CONN_CLOSING)
        die(p, conn, (enum close_reason)conn->reason);
}

void conn_tick(struct pusher *p, struct conn *conn)
{
    switch ((enum conn_state)conn->state) {
    case CONN_HEAD:
    case CONN_CLOSING:
        die(p, conn, conn->state == CONN_HEAD ? CLOSE_REQUEST : (enum close_reason)conn->reason);
        return;
    case CONN_DEAD:
        return;
    case CONN_STREAM:
        break;
    }
    if (p->now_wall >= conn->expires) {
        conn_end(p, conn, CLOSE_REVOKED, request_expired());
    } else if (p->now >= conn->ends) {
        conn_end(p, conn, p->drain_until ? CLOSE_DRAIN : CLOSE_LIFETIME, request_retry());
    } else if (conn->blocked && p->now - conn->blocked_since > 2 * p->ping_ms * 1000000) {
        die(p, conn, CLOSE_STUCK);
    } else {
        if (conn->out.n == 0)
            say(p, conn, request_ping(p));
        set_timer(p, conn);
    }
}
