// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_core.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t emit_core_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t emit_core_wall(void)
{
    return read_clock(CLOCK_REALTIME);
}

bool emit_core_lock(struct trace_emitter *em)
{
    if (em->pid != getpid())
        return false;
    pthread_mutex_lock(&em->lock);
    return true;
}

bool emit_core_enter(struct trace_emitter *em)
{
    if (!emit_core_lock(em))
        return false;
    if (!em->closing)
        return true;
    pthread_mutex_unlock(&em->lock);
    return false;
}

void emit_core_leave(struct trace_emitter *em)
{
    bool last = em->refs == 0;
    pthread_mutex_unlock(&em->lock);
    if (!last)
        return;
    pthread_cond_destroy(&em->changed);
    pthread_mutex_destroy(&em->lock);
    free(em);
}

struct trace_session *emit_core_session_new(struct trace_emitter *em, const char *id)
{
    struct trace_session *s = emit_buf_new(sizeof *s);
    s->emitter = em;
    em->refs++;
    emit_buf_fit(s->id, sizeof s->id, id);
    s->refs = 2;
    s->held = true;
    s->heartbeat_at_ms = EMIT_NEVER;
    STAILQ_INIT(&s->ops);
    LIST_INIT(&s->steps);
    SLIST_INIT(&s->posted);
    TAILQ_INSERT_TAIL(&em->sessions, s, next);
    return s;
}

void emit_core_session_unref(struct trace_session *s)
{
    assert(s->refs > 0);
    if (--s->refs > 0)
        return;
    assert(STAILQ_EMPTY(&s->ops) && LIST_EMPTY(&s->steps) && s->call.kind == EMIT_CALL_NONE && !s->watch.open);
    struct emit_posted *posted;
    while ((posted = SLIST_FIRST(&s->posted))) {
        SLIST_REMOVE_HEAD(&s->posted, next);
        free(posted->client_message_id);
        free(posted);
    }
    emit_buf_fini(&s->call.body);
    emit_buf_fini(&s->call.excerpt.text);
    s->emitter->refs--;
    free(s->json);
    free(s);
}

struct trace_step *emit_core_step_new(struct trace_session *s, const char *id)
{
    struct trace_step *step = emit_buf_new(sizeof *step);
    step->session = s;
    s->refs++;
    step->refs = 1;
    // Above the numbers of a process that wrote to the same step before.
    step->progress.n = emit_core_wall() * 1000;
    emit_buf_fit(step->id, sizeof step->id, id);
    return step;
}

void emit_core_step_unref(struct trace_step *step)
{
    assert(step->refs > 0);
    if (--step->refs > 0)
        return;
    assert(!step->listed);
    emit_progress_fini(&step->progress);
    emit_core_session_unref(step->session);
    free(step);
}

void emit_core_step_list(struct trace_step *step)
{
    assert(!step->listed);
    step->listed = true;
    LIST_INSERT_HEAD(&step->session->steps, step, next);
}

void emit_core_step_unlist(struct trace_step *step)
{
    if (!step->listed)
        return;
    step->listed = false;
    LIST_REMOVE(step, next);
    step->session->emitter->stats.queued_bytes -= step->progress.text.n;
    emit_progress_fini(&step->progress);
}

void emit_core_wake(struct trace_emitter *em)
{
    em->transport->wake(em->transport);
}
