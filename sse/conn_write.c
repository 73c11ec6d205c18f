// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "base/clock.h"
#include "sse/conn_parts.h"
#include "sse/metrics.h"

// How long a peer that has had its answer may go on sending before the connection is reset.
enum { LINGER_MS = 2000 };

uint32_t conn_interest(const struct conn *conn)
{
    uint32_t in = EPOLLIN | EPOLLRDHUP, out = EPOLLOUT;
    return (conn->peer_ended ? 0 : in) | (conn->blocked ? out : 0);
}

static void block(struct pusher *p, struct conn *conn)
{
    p->counters.blocked++;
    conn->blocked = conn->behind = true;
    conn->blocked_since_ns = p->now_ns;
    watch_change(p->epoll, &conn->watch, conn_interest(conn));
}

// Returns how many bytes the kernel took, or -1 if the connection is gone.
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
        conn_close_now(p, conn, CLOSE_CLIENT);
        return -1;
    }
    p->counters.writes++;
    p->counters.bytes_out += (uint64_t)sent;
    return sent;
}

// Writes what could not be written before, which goes first. 0 once none of it is left.
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
        p->counters.events_out += batch->events;
        if (batch->oldest_ns)
            metrics_delay(&p->counters, clock_mono_ns() - batch->oldest_ns);
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
        write_queue_add(&p->rooms.write_queue, &conn->queued);
}

// Called when everything is written. To close with unread bytes would reset the connection, and the reset would discard
// what the peer has not read yet. So our side ends here, and what still comes is dropped until the peer ends its own.
static void linger(struct pusher *p, struct conn *conn)
{
    if (conn->peer_ended || shutdown(conn->watch.fd, SHUT_WR)) {
        conn_close_now(p, conn, (enum close_reason)conn->reason);
        return;
    }
    conn->state = CONN_LINGERING;
    wheel_set(&p->wheel, &conn->timer, pusher_tick(p, LINGER_MS));
}

void conn_flush(struct pusher *p, struct conn *conn)
{
    if (conn->state == CONN_DEAD || conn->blocked || flush_outbox(p, conn))
        return;
    if (conn->state == CONN_STREAM)
        flush_feed(p, conn);
    else if (conn->state == CONN_CLOSING)
        linger(p, conn);
}
