#include "sse/metrics.h"

#include <unistd.h>
#include "sse/db.h"
#include "sse/pusher.h"

static const char *const reasons[CLOSE_REASON__MAX] = {
    [CLOSE_CLIENT] = "client", [CLOSE_ENDED] = "ended", [CLOSE_LIFETIME] = "lifetime", [CLOSE_REVOKED] = "revoked",
    [CLOSE_STUCK] = "stuck",   [CLOSE_DRAIN] = "drain", [CLOSE_REQUEST] = "request",   [CLOSE_FULL] = "full",
};

static const char *const questions[ASK__MAX] = {
    [ASK_EVENTS] = "events", [ASK_STATE] = "state",     [ASK_SNAPSHOT] = "snapshot", [ASK_CHECK] = "check",
    [ASK_NEWS] = "news",     [ASK_REVOKED] = "revoked", [ASK_CLOCK] = "clock",
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
    const char *help;
    uint64_t value;
};

static void describe(struct buf *b, const char *name, const char *type, const char *help)
{
    buf_printf(b, "# HELP trace_pusher_%s %s\n# TYPE trace_pusher_%s %s\n", name, help, name, type);
}

static void print_labelled(struct buf *b, int pusher, const char *name, const char *label, const char *const names[],
                           const uint64_t values[], int n)
{
    for (int i = 0; i < n; i++)
        buf_printf(b, "trace_pusher_%s{pusher=\"%d\",%s=\"%s\"} %llu\n", name, pusher, label, names[i],
                   (unsigned long long)values[i]);
}

static void print_delay(struct buf *b, int pusher, const struct metrics *m)
{
    uint64_t sum = 0;
    describe(b, "commit_to_socket_seconds", "histogram",
             "From a commit to the write, by the oldest event of each write.");
    for (int i = 0; i < DELAY_BUCKETS; i++) {
        sum += m->delay[i];
        buf_printf(b, "trace_pusher_commit_to_socket_seconds_bucket{pusher=\"%d\",le=\"%g\"} %llu\n", pusher,
                   buckets_s[i], (unsigned long long)sum);
    }
    buf_printf(b,
               "trace_pusher_commit_to_socket_seconds_bucket{pusher=\"%d\",le=\"+Inf\"} %llu\n"
               "trace_pusher_commit_to_socket_seconds_sum{pusher=\"%d\"} %.6f\n"
               "trace_pusher_commit_to_socket_seconds_count{pusher=\"%d\"} %llu\n",
               pusher, (unsigned long long)m->delay_n, pusher, m->delay_sum_s, pusher, (unsigned long long)m->delay_n);
}

void metrics_print(struct buf *b, const struct pusher *p)
{
    const struct metrics *m = &p->metrics;
    const struct rooms_counts *c = &p->rooms.counts;
    const struct line lines[] = {
        {"connections", "gauge", "Open connections.", p->conns_n},
        {"rooms", "gauge", "Rooms in memory.", p->rooms.n},
        {"rooms_watched", "gauge", "Rooms with a subscriber.", p->rooms.watched},
        {"frames", "gauge", "Formatted events in memory.", frame_count},
        {"frame_bytes", "gauge", "Bytes of formatted events.", frame_total},
        {"ring_bytes", "gauge", "Bytes of recent events kept for who comes back.", p->rooms.ring_bytes},
        {"text_bytes", "gauge", "Bytes of text being written.", p->rooms.text_bytes},
        {"waiting_connections", "gauge", "Connections with something to write.", p->rooms.ready.n},
        {"database_up", "gauge", "Whether the database answers.", db_is_up(p->db)},
        {"accepted_total", "counter", "Connections accepted.", m->accepted},
        {"streams_total", "counter", "Event streams opened.", m->streams},
        {"events_sent_total", "counter", "Events times readers.", m->events_out},
        {"sent_bytes_total", "counter", "Bytes written.", m->bytes_out},
        {"writes_total", "counter", "Write calls.", m->writes},
        {"blocked_total", "counter", "Times that a reader was too slow.", m->blocked},
        {"hints_total", "counter", "Hints received.", m->hint_messages},
        {"hints_malformed_total", "counter", "Hints that were none.", m->hint_malformed},
        {"hints_duplicate_total", "counter", "Hints of events that were there already.", c->duplicates},
        {"hints_held_total", "counter", "Hints above a hole.", c->held},
        {"texts_late_total", "counter", "Texts after their step had ended.", c->late},
        {"events_total", "counter", "Numbered events published.", c->published},
        {"texts_total", "counter", "Pieces of text published.", c->texts},
        {"texts_collapsed_total", "counter", "Pieces of text that became one with later ones.", c->collapsed},
        {"texts_evicted_total", "counter", "Texts that gave way to others.", c->evicted},
        {"events_healed_total", "counter", "Events that came from the database first.", c->healed},
        {"resets_total", "counter", "Readers who were told to start anew.", c->resets},
        {"questions_failed_total", "counter", "Questions to the database without an answer.", m->questions_failed},
        {"rows_total", "counter", "Rows read.", m->rows},
        {"database_losses_total", "counter", "Times that the database was lost.", m->database_losses},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        describe(b, lines[i].name, lines[i].type, lines[i].help);
        buf_printf(b, "trace_pusher_%s{pusher=\"%d\"} %llu\n", lines[i].name, p->number,
                   (unsigned long long)lines[i].value);
    }
    describe(b, "closed_total", "counter", "Connections closed, by reason.");
    print_labelled(b, p->number, "closed_total", "reason", reasons, m->closed, CLOSE_REASON__MAX);
    describe(b, "questions_total", "counter", "Questions to the database, by kind.");
    print_labelled(b, p->number, "questions_total", "kind", questions, m->questions, ASK__MAX);
    print_delay(b, p->number, m);
}
