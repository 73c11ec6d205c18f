#include "sse/metrics.h"

#include <unistd.h>
#include "sse/db.h"
#include "sse/pusher.h"

static const char *const reasons[CLOSE_REASON__MAX] = {
    [CLOSE_CLIENT] = "client", [CLOSE_ENDED] = "ended", [CLOSE_LIFETIME] = "lifetime", [CLOSE_REVOKED] = "revoked",
    [CLOSE_STUCK] = "stuck",   [CLOSE_DRAIN] = "drain", [CLOSE_REQUEST] = "request",   [CLOSE_FULL] = "full",
};

static const char *const questions[ASK__MAX] = {
    [ASK_EVENTS] = "events", [ASK_STATE] = "state", [ASK_SNAPSHOT] = "snapshot",
    [ASK_CHECK] = "check",   [ASK_NEWS] = "news",   [ASK_REVOKED] = "revoked",
};

static const double buckets_s[DELAY_BUCKETS] = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2};

void metrics_delay(struct metrics *metrics, int64_t ns)
{
    double s = (double)ns / 1e9;
    int i = 0;
    while (i < DELAY_BUCKETS && s > buckets_s[i])
        i++;
    metrics->delay[i]++;
    metrics->delay_n++;
    metrics->delay_sum_s += s;
}

struct line {
    const char *name;
    const char *type;
    uint64_t value;
};

static void print_line(struct buf *b, const struct line *line)
{
    buf_printf(b, "# TYPE trace_pusher_%s %s\ntrace_pusher_%s %llu\n", line->name, line->type, line->name,
               (unsigned long long)line->value);
}

static void print_labelled(struct buf *b, const char *name, const char *label, const char *const names[],
                           const uint64_t values[], int n)
{
    buf_printf(b, "# TYPE trace_pusher_%s counter\n", name);
    for (int i = 0; i < n; i++)
        buf_printf(b, "trace_pusher_%s{%s=\"%s\"} %llu\n", name, label, names[i], (unsigned long long)values[i]);
}

static void print_delay(struct buf *b, const struct metrics *m)
{
    uint64_t sum = 0;
    buf_lit(b, "# TYPE trace_pusher_commit_to_socket_seconds histogram\n");
    for (int i = 0; i < DELAY_BUCKETS; i++) {
        sum += m->delay[i];
        buf_printf(b, "trace_pusher_commit_to_socket_seconds_bucket{le=\"%g\"} %llu\n", buckets_s[i],
                   (unsigned long long)sum);
    }
    buf_printf(b,
               "trace_pusher_commit_to_socket_seconds_bucket{le=\"+Inf\"} %llu\n"
               "trace_pusher_commit_to_socket_seconds_sum %.6f\ntrace_pusher_commit_to_socket_seconds_count %llu\n",
               (unsigned long long)m->delay_n, m->delay_sum_s, (unsigned long long)m->delay_n);
}

void metrics_print(struct buf *b, const struct pusher *p)
{
    const struct metrics *m = &p->metrics;
    const struct rooms_counts *c = &p->rooms.counts;
    const struct line lines[] = {
        {"connections", "gauge", p->conns_n},
        {"rooms", "gauge", p->rooms.n},
        {"rooms_watched", "gauge", p->rooms.watched},
        {"frames", "gauge", frame_count},
        {"frame_bytes", "gauge", frame_total},
        {"ring_bytes", "gauge", p->rooms.ring_bytes},
        {"text_bytes", "gauge", p->rooms.text_bytes},
        {"waiting_connections", "gauge", p->rooms.ready.n},
        {"database_up", "gauge", db_is_up(p->db)},
        {"accepted_total", "counter", m->accepted},
        {"streams_total", "counter", m->streams},
        {"events_sent_total", "counter", m->events_out},
        {"sent_bytes_total", "counter", m->bytes_out},
        {"writes_total", "counter", m->writes},
        {"blocked_total", "counter", m->blocked},
        {"hints_total", "counter", m->hint_messages},
        {"hints_malformed_total", "counter", m->hint_malformed},
        {"hints_duplicate_total", "counter", c->duplicates},
        {"hints_held_total", "counter", c->held},
        {"texts_late_total", "counter", c->late},
        {"events_total", "counter", c->published},
        {"texts_total", "counter", c->texts},
        {"texts_collapsed_total", "counter", c->collapsed},
        {"texts_evicted_total", "counter", c->evicted},
        {"events_healed_total", "counter", c->healed},
        {"resets_total", "counter", c->resets},
        {"questions_failed_total", "counter", m->questions_failed},
        {"rows_total", "counter", m->rows},
        {"database_losses_total", "counter", m->database_losses},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        print_line(b, &lines[i]);
    print_labelled(b, "closed_total", "reason", reasons, m->closed, CLOSE_REASON__MAX);
    print_labelled(b, "questions_total", "kind", questions, m->questions, ASK__MAX);
    print_delay(b, m);
}
