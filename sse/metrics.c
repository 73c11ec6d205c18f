// SPDX-License-Identifier: Apache-2.0
#include "sse/metrics.h"

#include <unistd.h>
#include "sse/db.h"
#include "sse/pusher.h"
#include "sse/quota.h"

static const char *const handoff_fates[HANDOFF_FATE__MAX] = {
    [HANDOFF_STREAM] = "stream",
    [HANDOFF_LEFT] = "refused",
    [HANDOFF_LATE] = "late",
    [HANDOFF_MALFORMED] = "malformed",
};

static const char *const reasons[CLOSE_REASON__MAX] = {
    [CLOSE_CLIENT] = "client", [CLOSE_ENDED] = "ended",   [CLOSE_LIFETIME] = "lifetime", [CLOSE_REVOKED] = "revoked",
    [CLOSE_STUCK] = "stuck",   [CLOSE_DRAIN] = "drain",   [CLOSE_REQUEST] = "request",   [CLOSE_FULL] = "full",
    [CLOSE_QUOTA] = "quota",   [CLOSE_FORGED] = "forged", [CLOSE_STALE] = "stale",
};

static const char *const queries[QUERY__MAX] = {
    [QUERY_EVENTS] = "events",   [QUERY_STATE] = "state", [QUERY_SNAPSHOT] = "snapshot", [QUERY_CHECK] = "check",
    [QUERY_CONTENT] = "content", [QUERY_NEWS] = "news",   [QUERY_REVOKED] = "revoked",   [QUERY_CLOCK] = "clock",
};

static const double buckets_s[DELAY_BUCKETS] = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2};

void metrics_delay(struct counters *counters, int64_t ns)
{
    double s = (double)ns / 1e9;
    int i = 0;
    while (i < DELAY_BUCKETS && s > buckets_s[i])
        i++;
    counters->delay[i]++;
    counters->delay_n++;
    counters->delay_sum_s += s;
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

static void print_delay(struct buf *b, int pusher, const struct counters *m)
{
    uint64_t sum = 0;
    describe(b, "commit_to_socket_seconds", "histogram",
             "Time from a commit to the write, of the oldest event in each write.");
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
    const struct counters *m = &p->counters;
    const struct rooms_counts *c = &p->rooms.counts;
    const struct line lines[] = {
        {"connections", "gauge", "Open connections.", p->conns_n},
        {"principals", "gauge", "People, tokens and networks with a stream.", quota_count(p->quota)},
        {"rooms", "gauge", "Rooms in memory.", p->rooms.n},
        {"rooms_watched", "gauge", "Rooms with a subscriber.", p->rooms.watched},
        {"frames", "gauge", "Formatted events in memory.", frame_count},
        {"frame_bytes", "gauge", "Bytes of formatted events.", frame_total},
        {"ring_bytes", "gauge", "Bytes of recent events kept for clients that come back.", p->rooms.ring_bytes},
        {"text_bytes", "gauge", "Bytes of text being written.", p->rooms.text_bytes},
        {"waiting_connections", "gauge", "Connections with something to write.", p->rooms.write_queue.n},
        {"database_up", "gauge", "Whether the database answers: 1 or 0.", db_is_up(p->db)},
        {"relay_up", "gauge", "Whether the relay to other machines is connected: 1 or 0.", p->relay_writer != NULL},
        {"accepted_total", "counter", "Connections accepted.", m->accepted},
        {"streams_total", "counter", "Event streams opened.", m->streams},
        {"events_sent_total", "counter", "Events sent, counted once for each reader.", m->events_out},
        {"sent_bytes_total", "counter", "Bytes written.", m->bytes_out},
        {"writes_total", "counter", "Write calls.", m->writes},
        {"blocked_total", "counter", "Times that a reader did not take everything at once.", m->blocked},
        {"hints_total", "counter", "Hints received.", m->hint_messages},
        {"hints_malformed_total", "counter", "Messages on the socket of hints that were no hint.", m->hint_malformed},
        {"hints_duplicate_total", "counter", "Hints of events that had already come.", c->duplicates},
        {"hints_held_total", "counter", "Hints held because events before them were missing.", c->held},
        {"texts_late_total", "counter", "Texts that came after their step had ended.", c->late},
        {"events_total", "counter", "Numbered events published.", c->published},
        {"texts_total", "counter", "Pieces of text published.", c->texts},
        {"texts_collapsed_total", "counter", "Pieces of text that were merged with later ones.", c->collapsed},
        {"texts_evicted_total", "counter", "Texts that were dropped to make room for others.", c->evicted},
        {"events_healed_total", "counter", "Events that the database told before any hint did.", c->healed},
        {"resets_total", "counter", "Times that a reader was told to load a room again.", c->resets},
        {"queries_failed_total", "counter", "Queries to the database that got no answer.", m->queries_failed},
        {"rows_total", "counter", "Rows read from the database.", m->rows},
        {"database_losses_total", "counter", "Times that the connection to the database was lost.", m->database_losses},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        describe(b, lines[i].name, lines[i].type, lines[i].help);
        buf_printf(b, "trace_pusher_%s{pusher=\"%d\"} %llu\n", lines[i].name, p->number,
                   (unsigned long long)lines[i].value);
    }
    describe(b, "closed_total", "counter", "Connections closed, by reason.");
    print_labelled(b, p->number, "closed_total", "reason", reasons, m->closed, CLOSE_REASON__MAX);
    describe(b, "handoffs_total", "counter", "Sockets that nginx handed over, by what became of them.");
    print_labelled(b, p->number, "handoffs_total", "fate", handoff_fates, m->handoffs, HANDOFF_FATE__MAX);
    describe(b, "queries_total", "counter", "Queries to the database, by kind.");
    print_labelled(b, p->number, "queries_total", "kind", queries, m->queries, QUERY__MAX);
    print_delay(b, p->number, m);
}
