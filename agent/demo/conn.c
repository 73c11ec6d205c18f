// SPDX-License-Identifier: Apache-2.0
#include "agent/demo/conn.h"
#include "base/buf.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRAIN_MS 1000
#define DRAIN_MAX_BYTES (16u << 20)

struct conn {
    int fd;
    const struct script_style *style;
    struct buf in;
    struct buf out;
    size_t sent; // of out
    struct script script;
    size_t next;    // frame
    int64_t due_ms; // of that frame
    bool is_playing;
    bool told_continue;
    bool is_draining; // our half is closed: what still comes is dropped
    size_t drained_bytes;
    int64_t drain_until_ms;
};

struct conn *conn_new(int fd, const struct script_style *style)
{
    struct conn *conn = mem_zero(sizeof *conn);
    conn->fd = fd;
    conn->style = style;
    return conn;
}

void conn_free(struct conn *conn)
{
    if (!conn)
        return;
    close(conn->fd);
    buf_fini(&conn->in);
    buf_fini(&conn->out);
    script_fini(&conn->script);
    free(conn);
}

int conn_fd(const struct conn *conn)
{
    return conn->fd;
}

short conn_events(const struct conn *conn)
{
    // Always asks to read: that is how the end of a client that waits for a slow reply is noticed.
    return conn->sent < conn->out.n ? POLLIN | POLLOUT : POLLIN;
}

static bool has_frame(const struct conn *conn)
{
    return conn->is_playing && conn->next < conn->script.count;
}

int conn_wait_ms(const struct conn *conn, int64_t now_ms)
{
    if (conn->is_draining)
        return conn->drain_until_ms > now_ms ? (int)(conn->drain_until_ms - now_ms) : 0;
    if (!has_frame(conn) || conn->sent < conn->out.n)
        return -1;
    return conn->due_ms > now_ms ? (int)(conn->due_ms - now_ms) : 0;
}

static void schedule(struct conn *conn, int64_t now_ms)
{
    if (has_frame(conn))
        conn->due_ms = now_ms + conn->script.frame[conn->next].delay_ms;
}

// Bytes that arrive while a reply plays wait in `in`, which is bounded like any request.
static int receive(struct conn *conn)
{
    char buffer[65536];
    ssize_t n = recv(conn->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return -1;
    if (n > 0)
        buf_bytes(&conn->in, buffer, (size_t)n);
    return conn->in.n > REQUEST_HEAD_MAX + 2 * (size_t)REQUEST_BODY_MAX ? -1 : 0;
}

// Returns true if a reply has begun, to a whole request or to bytes that are none.
static bool read_request(struct conn *conn, int64_t now_ms)
{
    struct request request;
    enum request_result result = request_parse(buf_cstr(&conn->in), conn->in.n, &request);
    if (result == REQUEST_MORE) {
        if (request.expects_continue && !conn->told_continue)
            buf_lit(&conn->out, "HTTP/1.1 100 Continue\r\n\r\n");
        conn->told_continue |= request.expects_continue;
    } else {
        if (result == REQUEST_WHOLE)
            script_write(&conn->script, &request, conn->style);
        else
            script_write_error(&conn->script, result == REQUEST_BAD ? 400 : 413);
        memmove(conn->in.p, conn->in.p + request.used, conn->in.n - request.used);
        conn->in.n -= request.used;
        conn->is_playing = true;
        conn->told_continue = false;
        conn->next = 0;
        schedule(conn, now_ms);
    }
    request_fini(&request);
    return conn->is_playing;
}

// Moves the frames that are due to `out`; -1 when the script ends with the connection.
static int play(struct conn *conn, int64_t now_ms)
{
    while (has_frame(conn) && conn->due_ms <= now_ms && conn->out.n - conn->sent < 65536) {
        struct buf *bytes = &conn->script.frame[conn->next++].bytes;
        buf_bytes(&conn->out, buf_cstr(bytes), bytes->n);
        schedule(conn, conn->due_ms);
    }
    if (!conn->is_playing || has_frame(conn) || conn->script.end == SCRIPT_HANG || conn->sent < conn->out.n)
        return 0;
    if (conn->script.end == SCRIPT_CLOSE)
        return -1;
    script_fini(&conn->script);
    conn->is_playing = false;
    return 0;
}

// A socket that is closed with unread bytes is reset, and the reset discards what the client has not read yet. So the
// end is told first, and the client has a moment to send the rest of what it had to say.
static int begin_draining(struct conn *conn, int64_t now_ms)
{
    conn->is_draining = true;
    conn->drain_until_ms = now_ms + DRAIN_MS;
    conn->drained_bytes = conn->in.n;
    buf_clear(&conn->out);
    conn->sent = 0;
    return shutdown(conn->fd, SHUT_WR);
}

// Returns -1 when the client has ended, too, or a bound is reached.
static int drain(struct conn *conn, int64_t now_ms)
{
    char buffer[65536];
    ssize_t n;
    while ((n = recv(conn->fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
        conn->drained_bytes += (size_t)n;
        if (conn->drained_bytes > DRAIN_MAX_BYTES)
            return -1;
    }
    bool may_come = n < 0 && (errno == EAGAIN || errno == EINTR);
    return may_come && now_ms < conn->drain_until_ms ? 0 : -1;
}

static int send_out(struct conn *conn)
{
    ssize_t n;
    while (conn->sent < conn->out.n) {
        n = send(conn->fd, conn->out.p + conn->sent, conn->out.n - conn->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : -1;
        conn->sent += (size_t)n;
    }
    buf_clear(&conn->out);
    conn->sent = 0;
    return 0;
}

// Sends what is due, until nothing more can be done now; -1 when the script has ended with the connection.
static int work(struct conn *conn, int64_t now_ms)
{
    bool is_begun = false;
    do {
        if (!conn->is_playing && conn->in.n > 0)
            is_begun = read_request(conn, now_ms);
        // Twice, because what was just sent may have been the last frame of its script.
        if (play(conn, now_ms) != 0 || send_out(conn) != 0 || play(conn, now_ms) != 0)
            return -1;
    } while (is_begun && !conn->is_playing && conn->in.n > 0 && conn->sent == conn->out.n);
    return 0;
}

int conn_work(struct conn *conn, short revents, int64_t now_ms)
{
    if (conn->is_draining)
        return drain(conn, now_ms);
    if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0 && receive(conn) != 0)
        return -1;
    return work(conn, now_ms) == 0 ? 0 : begin_draining(conn, now_ms);
}
