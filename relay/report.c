// SPDX-License-Identifier: Apache-2.0
#include "relay/report.h"

#include <sys/socket.h>
#include "relay/arrivals.h"
#include "relay/bridge.h"
#include "relay/questions.h"

static const char *const refusals[SEAL_OUTCOME__MAX] = {
    [SEAL_OK] = "none",
    [SEAL_MALFORMED] = "malformed",
    [SEAL_OTHER_VERSION] = "other_version",
    [SEAL_FORGED] = "not_sealed",
    [SEAL_OLD] = "old",
};

const char *report_refusal(enum seal_outcome outcome)
{
    return refusals[outcome];
}

struct line {
    const char *name;
    const char *type;
    const char *help;
    uint64_t value;
};

static void print_metrics(struct buf *b, const struct relay *relay)
{
    const struct relay_counters *c = &relay->counters;
    const struct line lines[] = {
        {"nats_up", "gauge", "Whether NATS is connected: 1 or 0.", bridge_is_up(relay->bridge)},
        {"relays", "gauge", "Other relays that live.", (uint64_t)questions_live(relay)},
        {"rooms_followed", "gauge", "Rooms subscribed to at NATS.", followed_count(relay->followed)},
        {"sent_total", "counter", "Hints sent to other machines.", c->sent},
        {"unsent_total", "counter", "Hints that NATS did not take.", c->unsent},
        {"received_total", "counter", "Hints of other machines.", c->received},
        {"passed_total", "counter", "Hints of other machines taken by pushers, counted for each.", c->passed},
        {"lost_total", "counter", "Hints of other machines that a pusher did not take.", c->lost},
        {"queue_dropped_total", "counter", "Messages that came while the queue was full.",
         arrivals_dropped(bridge_arrivals(relay->bridge))},
        {"malformed_total", "counter", "Messages that were no hint and no list of rooms.", c->malformed},
        {"strangers_total", "counter", "Connections of other users, refused.", c->strangers},
        {"revocations_pending_total", "counter", "Revocations that not every machine acknowledged.", c->pending},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        buf_printf(b, "# HELP trace_relay_%s %s\n# TYPE trace_relay_%s %s\ntrace_relay_%s %llu\n", lines[i].name,
                   lines[i].help, lines[i].name, lines[i].type, lines[i].name, (unsigned long long)lines[i].value);
    buf_lit(b, "# HELP trace_relay_refused_total Messages by NATS that were refused, by reason.\n"
               "# TYPE trace_relay_refused_total counter\n");
    for (int i = SEAL_OK + 1; i < SEAL_OUTCOME__MAX; i++)
        buf_printf(b, "trace_relay_refused_total{reason=\"%s\"} %llu\n", refusals[i],
                   (unsigned long long)c->refused[i]);
}

void report_answer(const struct relay *relay, int fd, struct str request)
{
    struct buf body = {0}, answer = {0};
    bool is_health = str_starts(request, STR("GET /healthz "));
    bool is_well = !is_health || bridge_is_up(relay->bridge);
    if (is_health)
        buf_str(&body, is_well ? STR("ok\n") : STR("NATS is away\n"));
    else
        print_metrics(&body, relay);
    buf_printf(&answer, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
               is_well ? "200 OK" : "503 Service Unavailable", body.n);
    buf_str(&answer, buf_view(&body));
    // It fits an empty socket. The caller closes, and only then is the connection closed here.
    (void)send(fd, answer.p, answer.n, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(fd, SHUT_WR);
    buf_fini(&body);
    buf_fini(&answer);
}
