// SPDX-License-Identifier: Apache-2.0
// Two bodies at most: one is being sent, and one grows. While the collector is away the first is tried again, and when
// the second is full nothing more is read, so that the programs find their sockets full and count what they lose.
#include "admin/commands/spans.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "admin/commands/beside.h"
#include "admin/commands/collector.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/jw.h"
#include "base/list.h"
#include "base/listener.h"
#include "base/log.h"
#include "base/signals.h"
#include "base/version.h"
#include "wire/socket.h"
#include "wire/spans.h"

enum {
    ENOUGH = 512, // spans that are sent at once
    MOST = 2048,
    EVENTS_A_TURN = 64,
    GATHER_MS = 1000, // the longest that a span waits for others
    RETRY_LEAST_MS = 1000,
    RETRY_MOST_MS = 30000,
    LAST_MS = 2000, // for what is left when it is told to end
    HOST_BYTES = 256
};

enum watch_kind { WATCH_SIGNALS, WATCH_LISTENER, WATCH_SOURCE };

enum load { GROWING, SENDING, LOAD__MAX };

// A worker of a program.
struct source {
    struct watch watch; // first: epoll gives a pointer to it
    struct link link;
    int64_t spans[LOAD__MAX]; // of each body
};

struct exporter {
    struct collector *collector;
    struct list sources;
    struct listener listener;
    struct watch signals;
    int epoll;
    struct buf body[LOAD__MAX];
    int64_t n[LOAD__MAX]; // spans of each body
    int64_t since_ms;     // the first of the growing ones came
    int64_t retry_at_ms, pause_ms;
    int64_t stop_at_ms; // 0: it goes on
    int64_t given_up;
    bool is_on_its_way; // the body SENDING, or else it waits to be tried again
    bool said_away;
    bool said_rejected;
    bool said_warning;
};

// Opens an ExportTraceServiceRequest with one resource, up to its first scope.
static void open_body(struct buf *out)
{
    char host[HOST_BYTES] = "";
    (void)gethostname(host, sizeof host - 1);
    buf_clear(out);
    buf_lit(out, "{\"resourceSpans\":[{\"resource\":{\"attributes\":[");
    spans_print_attribute(out, "service.name", str_from(config_text(CONFIG_OTEL_SERVICE_NAME)));
    spans_print_attribute(out, "service.version", str_from(version_text()));
    spans_print_attribute(out, "host.name", str_from(host));
    buf_lit(out, "]},\"scopeSpans\":[");
}

static void take(struct exporter *e, struct source *source, struct str span)
{
    if (e->n[GROWING] == 0) {
        open_body(&e->body[GROWING]);
        e->since_ms = clock_mono_ms();
    }
    jw_raw(&e->body[GROWING], span);
    e->n[GROWING]++;
    source->spans[GROWING]++;
}

static bool is_full(const struct exporter *e)
{
    return e->n[GROWING] >= MOST;
}

static void leave(struct source *source)
{
    list_leave(&source->link);
    (void)close(source->watch.fd);
    free(source);
}

static void read_source(struct exporter *e, struct source *source)
{
    char span[SPANS_BYTES];
    ssize_t n = 1;
    while (n > 0 && !is_full(e)) {
        n = recv(source->watch.fd, span, sizeof span, MSG_DONTWAIT);
        if (n > 0)
            take(e, source, (struct str){span, (size_t)n});
    }
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        leave(source);
}

static void accept_some(struct exporter *e)
{
    for (int i = 0; i < LISTENER_ACCEPTS_A_TURN; i++) {
        int fd = listener_accept(&e->listener);
        if (fd < 0)
            return;
        struct source *source = mem_zero(sizeof *source);
        source->watch = (struct watch){WATCH_SOURCE, fd};
        list_join(&e->sources, &source->link);
        if (watch_add(e->epoll, &source->watch, EPOLLIN))
            leave(source);
    }
}

static void read_all(struct exporter *e)
{
    struct epoll_event events[EVENTS_A_TURN];
    int n = epoll_wait(e->epoll, events, EVENTS_A_TURN, 0);
    for (int i = 0; i < n; i++) {
        struct watch *watch = events[i].data.ptr;
        switch ((enum watch_kind)watch->kind) {
        case WATCH_SIGNALS:
            e->stop_at_ms = clock_mono_ms() + LAST_MS;
            watch_change(e->epoll, watch, 0);
            break;
        case WATCH_LISTENER:
            accept_some(e);
            break;
        case WATCH_SOURCE:
            read_source(e, (struct source *)watch);
            break;
        }
    }
    listener_recover(&e->listener);
}

// The growing body becomes the one that is sent.
static void turn_over(struct exporter *e)
{
    struct buf spare = e->body[SENDING];
    buf_lit(&e->body[GROWING], "]}]}");
    e->body[SENDING] = e->body[GROWING];
    e->body[GROWING] = spare;
    e->n[SENDING] = e->n[GROWING];
    e->n[GROWING] = 0;
    e->pause_ms = 0;
    e->retry_at_ms = 0;
    for (struct link *link = e->sources.head.next; link != &e->sources.head; link = link->next) {
        struct source *source = LIST_OWNER(link, struct source, link);
        source->spans[SENDING] = source->spans[GROWING];
        source->spans[GROWING] = 0;
    }
}

// Tells the programs that `n` spans of the body are lost. Whose they were the collector does not say.
static void give_up(struct exporter *e, int64_t n)
{
    e->given_up += n;
    for (struct link *link = e->sources.head.next; link != &e->sources.head; link = link->next) {
        struct source *source = LIST_OWNER(link, struct source, link);
        int64_t lost = n < source->spans[SENDING] ? n : source->spans[SENDING];
        if (lost)
            (void)send(source->watch.fd, &lost, sizeof lost, MSG_DONTWAIT | MSG_NOSIGNAL);
        n -= lost;
    }
}

static void note_failure(struct exporter *e, bool is_refused)
{
    if (!e->said_away)
        // Not its address, which may have a password in it.
        log_error("spans are not taken by the collector: %s; %s", collector_error(e->collector),
                  is_refused ? "they are lost" : "they are kept while there is room, and then lost");
    e->said_away = true;
}

// Each of the two is said once: what is wrong with one body is often wrong with each.
static void note_rest(struct exporter *e, int64_t rejected)
{
    const char *why = collector_error(e->collector);
    if (rejected && !e->said_rejected)
        log_error("the collector takes bodies but rejects spans of them, %lld of this one: %s", (long long)rejected,
                  *why ? why : "it does not say why");
    if (!rejected && *why && !e->said_warning)
        log_warning("the collector takes the spans, and warns: %s", why);
    e->said_rejected = e->said_rejected || rejected;
    e->said_warning = e->said_warning || (!rejected && *why);
}

static void settle(struct exporter *e, enum collector_outcome outcome)
{
    e->is_on_its_way = false;
    if (outcome == COLLECTOR_TAKEN) {
        int64_t rejected = collector_rejected(e->collector);
        if (rejected < 0 || rejected > e->n[SENDING])
            rejected = rejected < 0 ? 0 : e->n[SENDING];
        if (e->said_away)
            log_info("spans are taken by the collector again; it has refused %lld", (long long)e->given_up);
        e->said_away = false;
        note_rest(e, rejected);
        give_up(e, rejected);
        e->n[SENDING] = 0;
        return;
    }
    note_failure(e, outcome == COLLECTOR_REFUSED);
    if (outcome == COLLECTOR_REFUSED) {
        give_up(e, e->n[SENDING]);
        e->n[SENDING] = 0;
        return;
    }
    e->pause_ms = e->pause_ms ? 2 * e->pause_ms : RETRY_LEAST_MS;
    if (e->pause_ms > RETRY_MOST_MS)
        e->pause_ms = RETRY_MOST_MS;
    e->retry_at_ms = clock_mono_ms() + e->pause_ms;
}

static bool is_due(const struct exporter *e, int64_t now_ms)
{
    return e->n[GROWING] >= ENOUGH || (e->n[GROWING] && (e->stop_at_ms || now_ms - e->since_ms >= GATHER_MS));
}

static void turn(struct exporter *e)
{
    int64_t now_ms = clock_mono_ms();
    if (!e->n[SENDING] && is_due(e, now_ms))
        turn_over(e);
    if (e->n[SENDING] && !e->is_on_its_way && now_ms >= e->retry_at_ms) {
        collector_begin(e->collector, buf_view(&e->body[SENDING]));
        e->is_on_its_way = true;
    }
    // A full queue is looked at again when something has become of the body that is sent, and each second.
    int wait_ms = e->n[GROWING] && !e->n[SENDING] ? (int)(e->since_ms + GATHER_MS - now_ms) : GATHER_MS;
    enum collector_outcome outcome =
        collector_wait(e->collector, is_full(e) ? -1 : e->epoll, wait_ms > 0 ? wait_ms : 0);
    if (outcome > COLLECTOR_BUSY)
        settle(e, outcome);
    if (!is_full(e) || !e->stop_at_ms)
        read_all(e);
}

static int open_all(struct exporter *e)
{
    char name[SOCKET_NAME_SIZE], path[UNIX_SOCKET_PATH_SIZE];
    signals_block();
    e->signals = (struct watch){WATCH_SIGNALS, signals_fd()};
    e->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (watch_add(e->epoll, &e->signals, EPOLLIN)) {
        log_error("spans are not sent: cannot watch for signals: %s", strerror(errno));
        return -1;
    }
    (void)config_socket(path, socket_name(name, SOCKET_SPANS, 0));
    return listener_open(&e->listener, e->epoll, WATCH_LISTENER, SOCK_SEQPACKET, UNIX_SOCKET_OWN, path);
}

static void work(void)
{
    struct exporter e = {0};
    list_init(&e.sources);
    e.collector = collector_new(config_text(CONFIG_OTEL_ENDPOINT), config_text(CONFIG_OTEL_HEADERS));
    if (open_all(&e))
        return;
    // What is left has a moment; what is not taken then is lost.
    while (!e.stop_at_ms || ((e.n[GROWING] || e.n[SENDING]) && clock_mono_ms() < e.stop_at_ms))
        turn(&e);
    if (e.n[GROWING] + e.n[SENDING])
        log_warning("ended before the collector had taken %lld spans", (long long)(e.n[GROWING] + e.n[SENDING]));
    collector_free(e.collector);
}

pid_t spans_start(void)
{
    return config_text(CONFIG_OTEL_ENDPOINT)[0] ? beside_start("spans are not sent to the collector", work) : 0;
}
