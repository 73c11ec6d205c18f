// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_sender.h"

#include <signal.h>
#include <stddef.h>

#include "emitter/emit_lane.h"
#include "emitter/emit_queue.h"
#include "emitter/emit_reply.h"
#include "emitter/emit_watch.h"

// The longest sleep. Whatever makes something due earlier wakes the thread, so this only limits the damage of a
// mistake.
#define NAP_MS 60000

#define SESSION_OF(request, member)                                                                                    \
    ((struct trace_session *)(void *)((char *)(request)-offsetof(struct trace_session, member.request)))

static void call_done(struct trace_request *request, const struct trace_reply *reply)
{
    struct trace_session *s = SESSION_OF(request, call);
    struct trace_emitter *em = s->emitter;
    pthread_mutex_lock(&em->lock);
    em->calls--;
    emit_reply_take(s, reply, emit_core_now());
    pthread_mutex_unlock(&em->lock);
}

static void watch_data(struct trace_request *request, const char *bytes, size_t n)
{
    struct trace_session *s = SESSION_OF(request, watch);
    pthread_mutex_lock(&s->emitter->lock);
    bool is_due = emit_watch_data(s, bytes, n, emit_core_now());
    pthread_mutex_unlock(&s->emitter->lock);
    if (is_due)
        emit_core_wake(s->emitter);
}

static void watch_done(struct trace_request *request, const struct trace_reply *reply)
{
    struct trace_session *s = SESSION_OF(request, watch);
    pthread_mutex_lock(&s->emitter->lock);
    emit_watch_done(s, reply, emit_core_now());
    pthread_mutex_unlock(&s->emitter->lock);
}

static void abandon_watch(struct trace_session *s)
{
    if (!s->watch.open)
        return;
    s->emitter->transport->abandon(s->emitter->transport, &s->watch.request);
    s->watch.open = false;
}

static void serve_watch(struct trace_session *s, int64_t now, int64_t *due)
{
    if (!emit_watch_wanted(s))
        abandon_watch(s);
    if (!emit_watch_next(s, now, due))
        return;
    s->watch.request.data = watch_data;
    s->watch.request.done = watch_done;
    s->emitter->transport->begin(s->emitter->transport, &s->watch.request);
}

STAILQ_HEAD(starting, trace_session);

// A session that was served goes to the end, so that a few busy sessions cannot keep all connections.
static void serve_call(struct trace_session *s, int64_t now, int64_t *due, struct starting *starting)
{
    struct trace_emitter *em = s->emitter;
    if (em->calls >= em->set.connections || !emit_lane_next(s, now, due))
        return;
    em->calls++;
    TAILQ_REMOVE(&em->sessions, s, next);
    TAILQ_INSERT_TAIL(&em->sessions, s, next);
    STAILQ_INSERT_TAIL(starting, s, starting);
}

// Begins the prepared calls, without the lock: long bodies must not keep callers waiting. A session with a call is not
// freed.
static void begin(struct trace_emitter *em, struct starting *starting)
{
    struct trace_session *s;
    pthread_mutex_unlock(&em->lock);
    STAILQ_FOREACH(s, starting, starting)
    {
        emit_lane_print(&s->call);
        s->call.request.done = call_done;
        em->transport->begin(em->transport, &s->call.request);
    }
    pthread_mutex_lock(&em->lock);
}

// True once nothing can be written to the session any more: the only reference left is the list's.
static bool is_over(const struct trace_session *s)
{
    return s->refs == 1 && STAILQ_EMPTY(&s->ops) && s->call.kind == EMIT_CALL_NONE && !s->watch.open;
}

static void unlist(struct trace_session *s)
{
    TAILQ_REMOVE(&s->emitter->sessions, s, next);
    emit_core_session_unref(s);
}

// Begins every request that can begin; returns when to look again.
static int64_t serve(struct trace_emitter *em, int64_t now)
{
    int64_t due = now + NAP_MS;
    struct starting starting = STAILQ_HEAD_INITIALIZER(starting);
    struct trace_session *s = TAILQ_FIRST(&em->sessions), *next;
    for (; s; s = next) {
        next = TAILQ_NEXT(s, next);
        serve_call(s, now, &due, &starting);
        serve_watch(s, now, &due);
        if (is_over(s))
            unlist(s);
    }
    begin(em, &starting);
    return due;
}

static bool tell(struct trace_emitter *em)
{
    struct emit_notice *notice = emit_notice_take(&em->notices);
    if (!notice)
        return false;
    pthread_mutex_unlock(&em->lock);
    emit_notice_tell(notice, &em->set);
    pthread_mutex_lock(&em->lock);
    return true;
}

static void *run(void *arg)
{
    struct trace_emitter *em = arg;
    pthread_mutex_lock(&em->lock);
    while (!em->closing) {
        int64_t now = emit_core_now(), due = serve(em, now);
        if (tell(em))
            continue;
        pthread_mutex_unlock(&em->lock);
        em->transport->wait(em->transport, due > now ? (int)(due - now) : 0);
        pthread_mutex_lock(&em->lock);
    }
    pthread_mutex_unlock(&em->lock);
    return NULL;
}

int emit_sender_start(struct trace_emitter *em)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&em->thread, NULL, run, em);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!failed)
        pthread_setname_np(em->thread, "agenttrace");
    return failed ? -1 : 0;
}

// Gives up what is under way and what waits: nothing will be sent any more.
static void drop(struct trace_session *s)
{
    struct trace_emitter *em = s->emitter;
    struct trace_step *step;
    abandon_watch(s);
    if (s->call.kind != EMIT_CALL_NONE)
        em->transport->abandon(em->transport, &s->call.request);
    s->call.kind = EMIT_CALL_NONE;
    if (s->call.step)
        emit_core_step_unref(s->call.step);
    s->call.step = NULL;
    while ((step = LIST_FIRST(&s->steps)))
        emit_core_step_unlist(step);
    while (!STAILQ_EMPTY(&s->ops)) {
        em->stats.dropped_expired += STAILQ_FIRST(&s->ops)->kind != EMIT_OP_READ;
        emit_queue_finish(s, TRACE_CLOSED);
    }
}

void emit_sender_stop(struct trace_emitter *em)
{
    struct trace_session *s;
    emit_core_wake(em);
    pthread_join(em->thread, NULL);
    pthread_mutex_lock(&em->lock);
    uint64_t left = em->stats.queued;
    while ((s = TAILQ_FIRST(&em->sessions))) {
        drop(s);
        unlist(s);
    }
    if (left)
        emit_notice_line(&em->notices, TRACE_LOG_ERROR, "closed with %llu writes not delivered",
                         (unsigned long long)left);
    while (tell(em))
        ;
    pthread_mutex_unlock(&em->lock);
}
