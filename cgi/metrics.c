// SPDX-License-Identifier: Apache-2.0
#include "cgi/metrics.h"

#include <assert.h>
#include "cgi/budget.h"
#include "cgi/status.h"
#include "store/reader.h"

enum { ROUTES_MAX = 128, BUCKETS = 12 };

static const double bounds_s[BUCKETS] = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5, 10};

struct page {
    int64_t requests[ROUTES_MAX + 1][STATUS_KINDS];
    int64_t buckets[BUCKETS + 1];
    int64_t duration_ns;
    int64_t hints_lost;
    int64_t revocations_pending;
    int64_t spans;
    int64_t spans_lost;
    int64_t over_budget[BUDGET__MAX];
};

static struct page *page;
static const struct program *counted;
static char prefix[64]; // the program's name as a metric's: "trace_api"

void metrics_init(const struct program *program)
{
    counted = program;
    assert(strlen(program->name) < sizeof prefix);
    for (size_t i = 0; i <= strlen(program->name); i++)
        prefix[i] = program->name[i] == '-' ? '_' : program->name[i];
    page = mem_shared(sizeof *page);
    assert(!route_at(program, ROUTES_MAX));
}

static void add(int64_t *counter, int64_t n)
{
    __atomic_add_fetch(counter, n, __ATOMIC_RELAXED);
}

static int64_t get(const int64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

void metrics_count(int route, int status, int64_t duration_ns)
{
    int bucket = 0;
    while (bucket < BUCKETS && (double)duration_ns > bounds_s[bucket] * 1e9)
        bucket++;
    add(&page->requests[route < 0 ? ROUTES_MAX : route][status_index(status)], 1);
    add(&page->buckets[bucket], 1);
    add(&page->duration_ns, duration_ns);
}

void metrics_revocation_pending(void)
{
    add(&page->revocations_pending, 1);
}

void metrics_over_budget(int kind)
{
    add(&page->over_budget[kind], 1);
}

void metrics_hints_lost(int64_t n)
{
    add(&page->hints_lost, n);
}

void metrics_span(int64_t lost)
{
    add(&page->spans, 1);
    if (lost)
        add(&page->spans_lost, lost);
}

// Each program has metrics of its own name, so that their texts can be joined.
static void describe(struct buf *out, const char *metric, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s_%s %s\n# TYPE %s_%s %s\n", prefix, metric, help, prefix, metric, type);
}

static void print_requests(struct buf *out, int slot)
{
    const struct route *route = slot == ROUTES_MAX ? NULL : route_at(counted, slot);
    for (int kind = 0; kind < STATUS_KINDS; kind++) {
        int64_t n = get(&page->requests[slot][kind]);
        if (n)
            buf_printf(out, "%s_requests_total{method=\"%s\",route=\"%s\",status=\"%d\"} %lld\n", prefix,
                       route ? route_method_name(route->method) : "", route ? route->pattern : "", status_at(kind),
                       (long long)n);
    }
}

void metrics_print(struct buf *out)
{
    describe(out, "requests_total", "counter", "Requests answered, by route and status.");
    for (int slot = 0; slot <= ROUTES_MAX; slot++)
        print_requests(out, slot);
    describe(out, "request_seconds", "histogram", "From a request's arrival to its reply.");
    int64_t sum = 0;
    for (int i = 0; i < BUCKETS; i++) {
        sum += get(&page->buckets[i]);
        buf_printf(out, "%s_request_seconds_bucket{le=\"%g\"} %lld\n", prefix, bounds_s[i], (long long)sum);
    }
    sum += get(&page->buckets[BUCKETS]);
    buf_printf(out, "%s_request_seconds_bucket{le=\"+Inf\"} %lld\n", prefix, (long long)sum);
    buf_printf(out, "%s_request_seconds_sum %.9f\n", prefix, (double)get(&page->duration_ns) / 1e9);
    buf_printf(out, "%s_request_seconds_count %lld\n", prefix, (long long)sum);
    describe(out, "hints_lost_total", "counter", "Hints that a pusher did not take; it heals from the database.");
    buf_printf(out, "%s_hints_lost_total %lld\n", prefix, (long long)get(&page->hints_lost));
    describe(out, "revocations_pending_total", "counter",
             "Ends of rights that were answered before every pusher had acknowledged them.");
    buf_printf(out, "%s_revocations_pending_total %lld\n", prefix, (long long)get(&page->revocations_pending));
    describe(out, "spans_total", "counter", "Spans made of requests for a collector.");
    buf_printf(out, "%s_spans_total %lld\n", prefix, (long long)get(&page->spans));
    describe(out, "spans_lost_total", "counter", "Of these, spans that no collector has taken, or that it rejected.");
    buf_printf(out, "%s_spans_lost_total %lld\n", prefix, (long long)get(&page->spans_lost));
    static const char *const kinds[] = {
        [BUDGET_REQUESTS] = "requests", [BUDGET_STEPS] = "steps", [BUDGET_BYTES] = "bytes"};
    describe(out, "over_budget_total", "counter", "Calls refused because their credential had used up its budget.");
    for (int kind = 0; kind < BUDGET__MAX; kind++)
        buf_printf(out, "%s_over_budget_total{kind=\"%s\"} %lld\n", prefix, kinds[kind],
                   (long long)get(&page->over_budget[kind]));
    static const char *const servers[] = {[READER_STANDBY] = "standby", [READER_PRIMARY] = "primary"};
    describe(out, "reads_total", "counter", "Lists, searches and statistics, by the server that they were read from.");
    for (int server = 0; server < READER_SERVER__MAX; server++)
        buf_printf(out, "%s_reads_total{server=\"%s\"} %lld\n", prefix, servers[server],
                   (long long)store_reader_count((enum reader_server)server));
}
