// SPDX-License-Identifier: Apache-2.0
#include "cgi/server_span.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/config.h"
#include "base/id.h"
#include "base/jw.h"
#include "base/version.h"
#include "cgi/login.h"
#include "cgi/metrics.h"
#include "cgi/traceparent.h"
#include "wire/socket.h"
#include "wire/spans.h"

// Of opentelemetry-proto, trace.proto.
enum { KIND_SERVER = 2, STATUS_ERROR = 2 };

static const double TWO_TO_64 = 18446744073709551616.0;

static struct spans *spans; // NULL: nobody wants any
static double share;        // of the traces that begin here

int server_span_init(void)
{
    const char *text = config_text(CONFIG_OTEL_SAMPLER_ARG);
    char *end;
    if (!config_text(CONFIG_OTEL_ENDPOINT)[0])
        return 0;
    share = strtod(text, &end);
    if (end == text || *end || !(share >= 0 && share <= 1)) {
        fprintf(stderr, "OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, not \"%s\"\n", text);
        return -1;
    }
    char name[SOCKET_NAME_SIZE], path[UNIX_SOCKET_PATH_SIZE];
    spans = spans_new(config_socket(path, socket_name(name, SOCKET_SPANS, 0)));
    return 0;
}

// Of a trace that began elsewhere, whoever began it has decided.
static bool is_sampled(const struct traceparent *parent, uint64_t random)
{
    return parent->trace_id.p ? parent->is_sampled : share >= 1 || (double)random / TWO_TO_64 < share;
}

static void print_attributes(struct buf *out, const struct request *r, struct exchange *x, const struct route *route,
                             int status)
{
    char code[12];
    bool is_tls = login_is_tls() || str_eq(str_from(x->ops->variable(x, "REQUEST_SCHEME")), STR("https"));
    (void)snprintf(code, sizeof code, "%d", status);
    jw_key(out, "attributes");
    jw_open(out, '[');
    spans_print_attribute(out, "http.request.method",
                          r->method == METHOD_OTHER ? STR("_OTHER") : str_from(route_method_name(r->method)));
    spans_print_attribute(out, "url.scheme", is_tls ? STR("https") : STR("http"));
    if (route)
        spans_print_attribute(out, "http.route", str_from(route->pattern));
    if (status >= 500)
        spans_print_attribute(out, "error.type", str_from(code));
    jw_raw(out, STR("{\"key\":\"http.response.status_code\",\"value\":{\"intValue\":\""));
    buf_printf(out, "%s\"}}", code);
    jw_close(out, ']');
}

static void print_times(struct buf *out, const struct request *r)
{
    int64_t end_ns = clock_wall_us() * 1000, start_ns = end_ns - (clock_mono_ns() - r->received_ns);
    jw_key(out, "startTimeUnixNano");
    buf_printf(out, "\"%" PRId64 "\"", start_ns);
    jw_key(out, "endTimeUnixNano");
    buf_printf(out, "\"%" PRId64 "\"", end_ns);
}

static void print_name(struct buf *out, const struct request *r, const struct route *route)
{
    jw_key(out, "name");
    buf_printf(out, "\"%s%s%s\"", r->method == METHOD_OTHER ? "HTTP" : route_method_name(r->method), route ? " " : "",
               route ? route->pattern : "");
}

// The span with its scope, which is the program.
static void print(struct buf *out, const struct request *r, struct exchange *x, const struct program *program,
                  const struct route *route, int status)
{
    struct traceparent parent = {0};
    if (traceparent_read(str_from(x->ops->variable(x, "HTTP_TRACEPARENT")), &parent))
        parent = (struct traceparent){0};
    uint64_t random[3];
    id_random(random, sizeof random);
    if (!is_sampled(&parent, random[1]))
        return;
    jw_open(out, '{');
    jw_key(out, "scope");
    jw_open(out, '{');
    jw_member(out, "name", str_from(program->name));
    jw_member(out, "version", str_from(version_text()));
    jw_close(out, '}');
    jw_key(out, "spans");
    jw_open(out, '[');
    jw_open(out, '{');
    jw_key(out, "traceId");
    if (parent.trace_id.p)
        jw_string(out, parent.trace_id);
    else
        buf_printf(out, "\"%016" PRIx64 "%016" PRIx64 "\"", random[0] | 1, random[1]);
    jw_key(out, "spanId");
    buf_printf(out, "\"%016" PRIx64 "\"", random[2] | 1);
    jw_member(out, "parentSpanId", parent.span_id);
    print_name(out, r, route);
    jw_member_i64(out, "kind", KIND_SERVER);
    print_times(out, r);
    print_attributes(out, r, x, route, status);
    jw_key(out, "status");
    jw_open(out, '{');
    if (status >= 500)
        jw_member_i64(out, "code", STATUS_ERROR);
    jw_close(out, '}');
    jw_close(out, '}');
    jw_close(out, ']');
    jw_close(out, '}');
}

void server_span_request(const struct request *r, struct exchange *x, const struct program *program,
                         const struct route *route, int status)
{
    if (!spans)
        return;
    struct buf out = {0};
    print(&out, r, x, program, route, status);
    if (out.n)
        metrics_span(spans_send(spans, buf_view(&out)));
    buf_fini(&out);
}
