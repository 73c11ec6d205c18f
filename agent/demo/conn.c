#include "agent/demo/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn {
    int fd;
    const struct script_style *style;
    struct text in;
    struct text out;
    size_t sent; /* of out */
    struct script script;
    size_t next; /* frame */
    int64_t due; /* of that frame */
    bool is_playing;
    bool told_continue;
};

struct conn *conn_new(int fd, const struct script_style *style)
{
    struct conn *conn = text_alloc(sizeof *conn);

    conn->fd = fd;
    conn->style = style;
    return conn;
}

void conn_free(struct conn *conn)
{
    if (conn == NULL)
        return;
    close(conn->fd);
    text_fini(&conn->in);
    text_fini(&conn->out);
    script_fini(&conn->script);
    free(conn);
}

int conn_fd(const struct conn *conn)
{
    return conn->fd;
}

short conn_events(const struct conn *conn)
{
    /* Always readable: that is how the end of a client that waits for a slow reply is noticed. */
    return conn->sent < conn->out.n ? POLLIN | POLLOUT : POLLIN;
}

static bool has_frame(const struct conn *conn)
{
    return conn->is_playing && conn->next < conn->script.count;
}

int conn_wait_ms(const struct conn *conn, int64_t now)
{
    if (!has_frame(conn) || conn->sent < conn->out.n)
        return -1;
    return conn->due > now ? (int)(conn->due - now) : 0;
}

static void schedule(struct conn *conn, int64_t now)
{
    if (has_frame(conn))
        conn->due = now + conn->script.frame[conn->next].delay_ms;
}

/* What comes while a reply plays waits in `in`, bounded like any request. */
static int receive(struct conn *conn)
{
    char buffer[65536];
    ssize_t n = recv(conn->fd, buffer, sizeof buffer, MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return -1;
    if (n > 0)
        text_add(&conn->in, buffer, (size_t)n);
    return conn->in.n > REQUEST_HEAD_MAX + 2 * (size_t)REQUEST_BODY_MAX ? -1 : 0;
}

/* True if a reply has begun: to a whole request, or to what is none. */
static bool read_request(struct conn *conn, int64_t now)
{
    struct request request;
    enum request_result result = request_parse(text_string(&conn->in), conn->in.n, &request);

    if (result == REQUEST_MORE) {
        if (request.expects_continue && !conn->told_continue)
            text_adds(&conn->out, "HTTP/1.1 100 Continue\r\n\r\n");
        conn->told_continue |= request.expects_continue;
    } else {
        if (result == REQUEST_WHOLE)
            script_write(&conn->script, &request, conn->style);
        else
            script_write_error(&conn->script, result == REQUEST_BAD ? 400 : 413);
        memmove(conn->in.p, conn->in.p + request.used, conn->in.n - request.used + 1);
        conn->in.n -= request.used;
        conn->is_playing = true;
        conn->told_continue = false;
        conn->next = 0;
        schedule(conn, now);
    }
    request_fini(&request);
    return conn->is_playing;
}

/* Moves the frames that are due to `out`; -1 when the script ends with the connection. */
static int play(struct conn *conn, int64_t now)
{
    while (has_frame(conn) && conn->due <= now && conn->out.n - conn->sent < 65536) {
        struct text *bytes = &conn->script.frame[conn->next++].bytes;

        text_add(&conn->out, text_string(bytes), bytes->n);
        schedule(conn, conn->due);
    }
    if (!conn->is_playing || has_frame(conn) || conn->script.end == SCRIPT_HANG || conn->sent < conn->out.n)
        return 0;
    if (conn->script.end == SCRIPT_CLOSE)
        return -1;
    script_fini(&conn->script);
    conn->is_playing = false;
    return 0;
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
    text_clear(&conn->out);
    conn->sent = 0;
    return 0;
}

int conn_work(struct conn *conn, short revents, int64_t now)
{
    bool is_begun = false;

    if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0 && receive(conn) != 0)
        return -1;
    do {
        if (!conn->is_playing && conn->in.n > 0)
            is_begun = read_request(conn, now);
        /* Twice: what was sent whole may have been the last of its script. */
        if (play(conn, now) != 0 || send_out(conn) != 0 || play(conn, now) != 0)
            return -1;
    } while (is_begun && !conn->is_playing && conn->in.n > 0 && conn->sent == conn->out.n);
    return 0;
}
