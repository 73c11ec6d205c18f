// SPDX-License-Identifier: Apache-2.0
#include "sse/nginx/handoff_link.h"

#include <sys/socket.h>
#include <sys/un.h>

struct handoff_link {
    struct sockaddr_un address;
    ngx_connection_t *connection; // NULL: closed
    uint64_t last_number;
    ngx_uint_t waits_n;
    struct handoff_wait *waits[HANDOFF_WAITS_MAX]; // by number
};

static int64_t monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void close_link(struct handoff_link *link)
{
    if (link->connection)
        ngx_close_connection(link->connection);
    link->connection = NULL;
}

static void close_by_pool(void *data)
{
    close_link(data);
}

struct handoff_link *handoff_link_new(ngx_pool_t *pool, const char *path)
{
    struct handoff_link *link = ngx_pcalloc(pool, sizeof *link);
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(pool, 0);
    if (!link || !cleanup || strlen(path) >= sizeof link->address.sun_path)
        return NULL;
    cleanup->handler = close_by_pool;
    cleanup->data = link;
    link->address.sun_family = AF_UNIX;
    memcpy(link->address.sun_path, path, strlen(path));
    return link;
}

static void stop_waiting(struct handoff_wait *wait)
{
    struct handoff_link *link = wait->link;
    if (wait->timer.timer_set)
        ngx_del_timer(&wait->timer);
    link->waits[wait->number % HANDOFF_WAITS_MAX] = NULL;
    link->waits_n--;
    wait->number = 0;
    if (!link->connection || link->waits_n)
        return;
    // nginx asks idle connections to close once, when a worker begins to shut down: later ones close by themselves.
    link->connection->idle = 1;
    if (ngx_exiting)
        close_link(link);
}

void handoff_link_forget(struct handoff_wait *wait)
{
    if (wait->number)
        stop_waiting(wait);
}

static void finish(struct handoff_wait *wait, enum handoff_outcome outcome)
{
    stop_waiting(wait);
    wait->done(wait, outcome);
}

// Reads the answers that have come. NGX_ERROR if the link is broken; every answer that came before has been read then.
static ngx_int_t read_answers(struct handoff_link *link)
{
    bool is_reset = false;
    while (link->connection) {
        char message[HANDOFF_ANSWER_BYTES + 1];
        struct handoff_answer answer;
        ssize_t n = recv(link->connection->fd, message, sizeof message, MSG_DONTWAIT);
        if (n < 0 && ngx_errno == NGX_EINTR)
            continue;
        // A pusher that hung up with requests unread is reported before its last answers, once (unix(7)).
        if (n < 0 && ngx_errno == NGX_ECONNRESET && !is_reset) {
            is_reset = true;
            continue;
        }
        if (n < 0 && ngx_errno == NGX_EAGAIN)
            return is_reset ? NGX_ERROR : NGX_OK;
        if (n <= 0 || handoff_answer_parse(&answer, (struct str){message, (size_t)n}))
            return NGX_ERROR;
        struct handoff_wait *wait = link->waits[answer.number % HANDOFF_WAITS_MAX];
        if (wait && wait->number == answer.number)
            finish(wait, answer.verdict == HANDOFF_TAKEN ? HANDOFF_GONE : HANDOFF_KEPT);
    }
    return NGX_OK;
}

// Every hand-over that waits and was not answered gets its socket back. What was answered is read first: the pusher
// writes to a socket that it took, so nginx may not. A `done` may send again over a new link, whose waits stay.
static void lose(struct handoff_link *link)
{
    uint64_t last = link->last_number;
    (void)read_answers(link);
    close_link(link);
    for (ngx_uint_t i = 0; i < HANDOFF_WAITS_MAX; i++)
        if (link->waits[i] && link->waits[i]->number <= last)
            finish(link->waits[i], HANDOFF_LOST);
}

static void on_readable(ngx_event_t *event)
{
    ngx_connection_t *connection = event->data;
    struct handoff_link *link = connection->data;
    // A worker that is shutting down asks its idle connections to close.
    if (connection->close) {
        close_link(link);
        return;
    }
    event->ready = 0;
    if (read_answers(link) != NGX_OK)
        lose(link);
    else if (link->connection && ngx_handle_read_event(link->connection->read, 0) != NGX_OK)
        lose(link);
}

static void on_writable(ngx_event_t *event)
{
    (void)event; // what cannot be sent at once is not sent
}

static ngx_int_t open_link(struct handoff_link *link)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return NGX_ERROR;
    ngx_connection_t *connection = NULL;
    if (connect(fd, (const struct sockaddr *)&link->address, sizeof link->address) == 0)
        connection = ngx_get_connection(fd, ngx_cycle->log);
    if (!connection) {
        (void)close(fd);
        return NGX_ERROR;
    }
    connection->data = link;
    connection->log = connection->read->log = connection->write->log = ngx_cycle->log;
    connection->read->handler = on_readable;
    connection->write->handler = on_writable;
    connection->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);
    connection->idle = 1;
    link->connection = connection;
    if (ngx_handle_read_event(connection->read, 0) == NGX_OK)
        return NGX_OK;
    close_link(link);
    return NGX_ERROR;
}

// 0, or the error of sendmsg(2).
static int send_once(struct handoff_link *link, int fd, char *bytes, size_t n)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = bytes, .iov_len = n};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    message.msg_control = control.space;
    message.msg_controllen = sizeof control.space;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    ssize_t sent;
    do
        sent = sendmsg(link->connection->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && ngx_errno == NGX_EINTR);
    return sent < 0 ? ngx_errno : 0;
}

// A pusher that was started again is a broken link the first time: one new connection is tried, no more.
static ngx_int_t send_request(struct handoff_link *link, int fd, char *bytes, size_t n)
{
    for (int tries = 0; tries < 2; tries++) {
        if (!link->connection && open_link(link) != NGX_OK)
            return NGX_ERROR;
        int error = send_once(link, fd, bytes, n);
        if (error == 0)
            return NGX_OK;
        // The link is good after other errors: EAGAIN means that the pusher does not read, and ETOOMANYREFS that too
        // many descriptors are under way (unix(7)).
        if (error != EPIPE && error != ECONNRESET && error != ENOTCONN)
            return NGX_ERROR;
        lose(link);
    }
    return NGX_ERROR;
}

static void on_timer(ngx_event_t *event)
{
    struct handoff_wait *wait = event->data;
    struct handoff_link *link = wait->link;
    uint64_t number = wait->number;
    int64_t left_ms = (wait->deadline_ns - monotonic_ns()) / 1000000 + (HANDOFF_GIVE_UP_MS - HANDOFF_TAKE_MS) + 1;
    // nginx reckons timers from the clock of its last turn, so this one may fire early; the pusher relies on its never
    // being acted on early.
    if (left_ms > 1) {
        ngx_add_timer(event, (ngx_msec_t)left_ms);
        return;
    }
    // An answer that has come until now counts; a later one is void. The owner of `wait` may be gone after this.
    if (read_answers(link) != NGX_OK)
        lose(link);
    wait = link->waits[number % HANDOFF_WAITS_MAX];
    if (wait && wait->number == number)
        finish(wait, HANDOFF_EXPIRED);
}

ngx_int_t handoff_link_send(struct handoff_link *link, int fd, struct str query, struct str address,
                            struct handoff_wait *wait)
{
    char bytes[HANDOFF_BYTES_MAX];
    uint64_t number = link->last_number + 1;
    struct handoff_request request = {number, monotonic_ns() + HANDOFF_TAKE_MS * INT64_C(1000000), query, address};
    if (link->waits[number % HANDOFF_WAITS_MAX])
        return NGX_ERROR;
    size_t n = handoff_request_print(&request, bytes);
    if (n == 0 || send_request(link, fd, bytes, n) != NGX_OK)
        return NGX_ERROR;
    link->last_number = number;
    link->waits[number % HANDOFF_WAITS_MAX] = wait;
    link->waits_n++;
    link->connection->idle = 0;
    wait->number = number;
    wait->deadline_ns = request.deadline_ns;
    wait->link = link;
    wait->timer.handler = on_timer;
    wait->timer.data = wait;
    wait->timer.log = ngx_cycle->log;
    ngx_add_timer(&wait->timer, HANDOFF_GIVE_UP_MS + 1);
    return NGX_OK;
}
