// For the operator: is every part working, and what did each count.
#include "cgi/workspace_routes.h"

#include <stdio.h>
#include "cgi/fcgi_ask.h"
#include "cgi/local_http.h"
#include "cgi/metrics.h"
#include "lib/clock.h"
#include "lib/config.h"
#include "lib/jw.h"
#include "lib/store_health.h"

static const int64_t PATIENCE_NS = INT64_C(1000000000);

enum { PART_NAME_MAX = 32 };

// The parts beside this program: 0 is trace-api, i the pusher of that number.
static void name_part(char name[static PART_NAME_MAX], int64_t part)
{
    if (part == 0)
        (void)snprintf(name, PART_NAME_MAX, "trace-api");
    else
        (void)snprintf(name, PART_NAME_MAX, "pusher-%lld", (long long)part);
}

// The status of a part's answer, -1 if it has none in time.
static int ask(int64_t part, const char *target, struct buf *body)
{
    char path[108], name[PART_NAME_MAX], file[PART_NAME_MAX + 8];
    name_part(name, part);
    (void)snprintf(file, sizeof file, "%s.%s", name, part == 0 ? "sock" : "http");
    int64_t deadline = clock_mono_ns() + PATIENCE_NS;
    return part == 0 ? fcgi_ask(config_socket(path, file), target, deadline, body)
                     : local_http_get(config_socket(path, file), str_from(target), deadline, body);
}

// trace-api has no health of its own beside the database's: it is well if it answers.
static bool is_well(int64_t part)
{
    struct buf body = {0};
    int status = ask(part, part == 0 ? "/metrics" : "/healthz", &body);
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
    report(&checks, &failing, "database", store_health(r->worker->pg));
    for (int64_t part = 0; part <= config_number(CONFIG_PUSHERS); part++) {
        name_part(name, part);
        report(&checks, &failing, name, is_well(part));
    }
    jw_close(&checks, '}');
    if (failing.n) {
        request_header(r, "Retry-After", STR("1"));
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

// Prometheus text format 0.0.4: a metric is described once, so of further pushers only the samples are taken.
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
    for (int64_t part = 0; part <= config_number(CONFIG_PUSHERS); part++) {
        struct buf body = {0};
        name_part(name, part);
        bool answers = ask(part, "/metrics", &body) == 200;
        if (answers && part > 1)
            print_samples(&r->out, buf_view(&body));
        else if (answers)
            buf_str(&r->out, buf_view(&body));
        buf_printf(&up, "agent_trace_up{part=\"%s\"} %d\n", name, answers);
        buf_fini(&body);
    }
    buf_lit(&r->out, "# HELP agent_trace_up Whether a program answered.\n# TYPE agent_trace_up gauge\n");
    buf_str(&r->out, buf_view(&up));
    buf_fini(&up);
    return 200;
}

const struct route operation_routes[] = {
    {METHOD_GET, "/healthz", WHO_ANYONE, BODY_NONE, get_health},
    {METHOD_GET, "/metrics", WHO_ANYONE, BODY_NONE, get_metrics},
    {0},
};
