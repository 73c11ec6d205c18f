// SPDX-License-Identifier: Apache-2.0
// For the operator: whether every part works, and what each of them has counted.
#include "cgi/workspace_routes.h"

#include <stdio.h>
#include "cgi/fcgi_ask.h"
#include "cgi/local_http.h"
#include "cgi/metrics.h"
#include "cgi/problem.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/jw.h"
#include "store/health.h"
#include "wire/socket.h"

static const int64_t PATIENCE_NS = INT64_C(1000000000);

enum { PART_NAME_MAX = 32 };

// The parts beside this program: the other FastCGI programs, then the pushers by their numbers.
static const struct {
    const char *name;
    enum socket_kind socket;
} programs[] = {
    {"trace-api", SOCKET_TRACE_API},
    {"ingest-api", SOCKET_INGEST_API},
};
enum { PROGRAMS = sizeof programs / sizeof programs[0] };

static int64_t parts(void)
{
    return PROGRAMS + config_number(CONFIG_PUSHERS);
}

static bool is_pusher(int64_t part)
{
    return part >= PROGRAMS;
}

static int pusher_number(int64_t part)
{
    return (int)(part - PROGRAMS + 1);
}

static void name_part(char name[static PART_NAME_MAX], int64_t part)
{
    if (is_pusher(part))
        (void)snprintf(name, PART_NAME_MAX, "pusher-%d", pusher_number(part));
    else
        (void)snprintf(name, PART_NAME_MAX, "%s", programs[part].name);
}

// Returns the status of the relay's answer, or -1 if there was none in time.
static int ask_relay(const char *target, struct buf *body)
{
    char path[UNIX_SOCKET_PATH_SIZE], name[SOCKET_NAME_SIZE];
    (void)config_relay_socket(path, socket_name(name, SOCKET_RELAY_HTTP, 0));
    return local_http_get(path, str_from(target), clock_mono_ns() + PATIENCE_NS, body);
}

static bool has_relay(void)
{
    return config_text(CONFIG_RELAY_DIR)[0] != '\0';
}

// Without other machines this one still works, only slower for what is written elsewhere, so it is not taken out of
// service for that.
static void report_relay(struct buf *checks)
{
    struct buf body = {0};
    jw_member(checks, "relay", ask_relay("/healthz", &body) == 200 ? STR("ok") : STR("degraded"));
    buf_fini(&body);
}

// Returns the status of a part's answer, or -1 if there was none in time.
static int ask(int64_t part, const char *target, struct buf *body)
{
    char path[UNIX_SOCKET_PATH_SIZE], name[SOCKET_NAME_SIZE];
    int64_t deadline_ns = clock_mono_ns() + PATIENCE_NS;
    if (!is_pusher(part)) {
        (void)config_socket(path, socket_name(name, programs[part].socket, 0));
        return fcgi_ask(path, target, deadline_ns, body);
    }
    (void)config_socket(path, socket_name(name, SOCKET_STREAMS, pusher_number(part)));
    return local_http_get(path, str_from(target), deadline_ns, body);
}

// The programs have no health of their own beside the database's: one is well if it answers.
static bool is_well(int64_t part)
{
    struct buf body = {0};
    int status = ask(part, is_pusher(part) ? "/healthz" : "/metrics", &body);
    buf_fini(&body);
    return status == 200;
}

static void report(struct buf *checks, struct buf *failing, const char *part, bool well)
{
    jw_member(checks, part, well ? STR("ok") : STR("failing"));
    if (well)
        return;
    if (failing->n)
        buf_lit(failing, ", ");
    buf_str(failing, str_from(part));
}

static int get_health(struct request *r)
{
    struct buf checks = {0}, failing = {0};
    char name[PART_NAME_MAX];
    int status = 200;
    jw_open(&checks, '{');
    enum store_health database = store_health(r->worker->pg);
    report(&checks, &failing, "database", database != STORE_SICK);
    if (database != STORE_SICK)
        report(&checks, &failing, "schema", database == STORE_HEALTHY);
    for (int64_t part = 0; part < parts(); part++) {
        name_part(name, part);
        report(&checks, &failing, name, is_well(part));
    }
    if (has_relay())
        report_relay(&checks);
    jw_close(&checks, '}');
    if (failing.n)
        request_header(r, "Retry-After", STR("1"));
    if (database == STORE_SCHEMA_BEHIND) {
        status = problem_with(r, 503, "schema_behind",
                              "Migrations of this release have not been applied: run trace-admin migrate.", "failing",
                              buf_view(&failing));
    } else if (failing.n) {
        status = problem_with(r, 503, "unhealthy", "A part does not work.", "failing", buf_view(&failing));
    } else {
        jw_open(&r->out, '{');
        jw_member(&r->out, "status", STR("ok"));
        jw_member_raw(&r->out, "checks", buf_view(&checks));
        jw_close(&r->out, '}');
    }
    buf_fini(&checks);
    buf_fini(&failing);
    return status;
}

// In the Prometheus text format 0.0.4 a metric is described only once, so of every further pusher only the samples are
// printed.
static void print_samples(struct buf *out, struct str text)
{
    while (text.n) {
        struct str line = str_cut(&text, '\n');
        if (!line.n || line.p[0] == '#')
            continue;
        buf_str(out, line);
        buf_char(out, '\n');
    }
}

// The programs' metrics have different names; several pushers tell themselves apart by a label.
static int get_metrics(struct request *r)
{
    struct buf up = {0};
    char name[PART_NAME_MAX];
    request_header(r, "Content-Type", STR("text/plain; version=0.0.4"));
    metrics_print(&r->out);
    for (int64_t part = 0; part < parts(); part++) {
        struct buf body = {0};
        name_part(name, part);
        bool answers = ask(part, "/metrics", &body) == 200;
        if (answers && is_pusher(part) && pusher_number(part) > 1)
            print_samples(&r->out, buf_view(&body));
        else if (answers)
            buf_str(&r->out, buf_view(&body));
        buf_printf(&up, "agent_trace_up{part=\"%s\"} %d\n", name, answers);
        buf_fini(&body);
    }
    if (has_relay()) {
        struct buf body = {0};
        bool answers = ask_relay("/metrics", &body) == 200;
        if (answers)
            buf_str(&r->out, buf_view(&body));
        buf_printf(&up, "agent_trace_up{part=\"relay\"} %d\n", answers);
        buf_fini(&body);
    }
    buf_lit(&r->out, "# HELP agent_trace_up Whether a program answered.\n# TYPE agent_trace_up gauge\n");
    buf_str(&r->out, buf_view(&up));
    buf_fini(&up);
    return 200;
}

const struct route operation_routes[] = {
    {METHOD_GET, "/healthz", AUTH_ANYONE, BODY_NONE, get_health},
    {METHOD_GET, "/metrics", AUTH_ANYONE, BODY_NONE, get_metrics},
    {0},
};
