// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "emitter/emit_core.h"
#include "emitter/emit_id.h"
#include "emitter/emit_lane.h"
#include "emitter/emit_sender.h"

const char *trace_result_name(enum trace_result result)
{
    static const char *const names[TRACE_RESULT__MAX] = {
        [TRACE_OK] = "ok",     [TRACE_QUEUED] = "queued", [TRACE_ENDED] = "ended",     [TRACE_REFUSED] = "refused",
        [TRACE_FULL] = "full", [TRACE_AWAY] = "away",     [TRACE_INVALID] = "invalid", [TRACE_CLOSED] = "closed"};
    return result < TRACE_RESULT__MAX ? names[result] : "unknown";
}

static int64_t or_default(int64_t value, int64_t standard)
{
    return value ? value : standard;
}

static void settle(struct emit_settings *set, const struct trace_config *c)
{
    *set = (struct emit_settings){
        .request_timeout_ms = or_default(c->request_timeout_ms, 10000),
        .ack_timeout_ms = or_default(c->ack_timeout_ms, 2000),
        .deliver_timeout_ms = or_default(c->deliver_timeout_ms, 600000),
        .retry_ms = or_default(c->retry_ms, 100),
        .heartbeat_ms = or_default(c->heartbeat_ms, 15000),
        .pace = {.progress_ms = or_default(c->progress_ms, 50),
                 .checkpoint_ms = or_default(c->checkpoint_ms, 1000),
                 .progress_bytes = c->progress_bytes ? c->progress_bytes : 4096},
        .queue_bytes = c->queue_bytes ? c->queue_bytes : 16777216,
        .queue_length = c->queue_length ? c->queue_length : 10000,
        .connections = (size_t)or_default(c->connections, 8),
        .watch = !c->no_watch,
        .on_log = c->on_log,
        .on_ended = c->on_ended,
        .user = c->user,
    };
    emit_buf_fit(set->workspace, sizeof set->workspace, c->workspace);
}

// Returns the first thing that is wrong with the configuration, or NULL.
static const char *complaint(const struct trace_config *c)
{
    const int times[] = {c->connect_timeout_ms, c->request_timeout_ms, c->deliver_timeout_ms, c->heartbeat_ms,
                         c->retry_ms,           c->progress_ms,        c->checkpoint_ms,      c->connections};
    if (!c->workspace)
        return "workspace is missing";
    if (!emit_id_is(c->workspace, "ws_"))
        return "workspace is not an id of the form ws_…";
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        if (times[i] < 0)
            return "a time or a bound is negative";
    if (!c->transport && (!c->url || !c->token || !*c->token))
        return "url or token is missing";
    return NULL;
}

static void init_sync(struct trace_emitter *em)
{
    pthread_condattr_t attr;
    pthread_mutex_init(&em->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&em->changed, &attr);
    pthread_condattr_destroy(&attr);
}

static void complain(const struct trace_config *c, const char *what)
{
    if (c->on_log)
        c->on_log(c->user, TRACE_LOG_ERROR, what);
    else
        fprintf(stderr, "agenttrace: %s\n", what);
}

struct trace_emitter *trace_emitter_new(const struct trace_config *c)
{
    const char *wrong = complaint(c);
    struct trace_transport *transport = c->transport;
    if (!wrong && !transport && !(transport = trace_transport_http(c)))
        wrong = "url is not http(s)://host[:port], or libcurl could not be started";
    if (wrong) {
        complain(c, wrong);
        goto fail;
    }
    struct trace_emitter *em = emit_buf_new(sizeof *em);
    settle(&em->set, c);
    em->transport = transport;
    em->pid = getpid();
    em->refs = 1;
    TAILQ_INIT(&em->sessions);
    STAILQ_INIT(&em->notices.list);
    if (getrandom(&em->random, sizeof em->random, 0) < 0)
        em->random = (uint32_t)emit_core_now();
    init_sync(em);
    if (emit_sender_start(em) == 0)
        return em;
    complain(c, "the sending thread could not be started");
    pthread_mutex_lock(&em->lock);
    em->refs = 0;
    emit_core_leave(em);
fail:
    if (transport)
        transport->free(transport);
    return NULL;
}

static bool all_idle(const struct trace_emitter *em)
{
    const struct trace_session *s;
    TAILQ_FOREACH(s, &em->sessions, next)
    {
        if (!emit_lane_idle(s))
            return false;
    }
    return true;
}

// Writes lost since the last flush.
static int take_losses(struct trace_emitter *em)
{
    const struct trace_stats *s = &em->stats;
    uint64_t all = s->refused + s->dropped_full + s->dropped_expired + s->dropped_ended, lost = all - em->reported;
    em->reported = all;
    return lost > INT_MAX ? INT_MAX : (int)lost;
}

int trace_emitter_flush(struct trace_emitter *em, int timeout_ms)
{
    if (!emit_core_enter(em))
        return -1;
    int64_t until = emit_core_now() + timeout_ms;
    struct timespec at = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
    bool idle;
    em->flushing++;
    emit_core_wake(em);
    while (!(idle = all_idle(em)) && !em->closing && emit_core_now() < until)
        pthread_cond_timedwait(&em->changed, &em->lock, &at);
    em->flushing--;
    int result = idle ? take_losses(em) : -1;
    emit_core_leave(em);
    return result;
}

void trace_emitter_free(struct trace_emitter *em)
{
    if (!em || !emit_core_enter(em))
        return;
    em->closing = true;
    pthread_cond_broadcast(&em->changed);
    pthread_mutex_unlock(&em->lock);
    emit_sender_stop(em);
    em->transport->free(em->transport);
    pthread_mutex_lock(&em->lock);
    em->refs--;
    emit_core_leave(em);
}

void trace_emitter_stats(struct trace_emitter *em, struct trace_stats *out)
{
    *out = (struct trace_stats){0};
    if (!emit_core_lock(em))
        return;
    *out = em->stats;
    emit_core_leave(em);
}
