// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_queue.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// A failure older than this says nothing about the server now, since no request was made in the meantime.
#define AWAY_FRESH_MS 15000
// Used for a claim, which must be waited for, and for "away", when ack_timeout_ms says not to wait.
#define PATIENCE_MS 2000

struct emit_op *emit_queue_op(enum emit_op_kind kind, const char *format, ...)
{
    struct emit_op *op = emit_buf_new(sizeof *op);
    va_list args;
    op->kind = kind;
    op->refs = 1;
    va_start(args, format);
    int n = vsnprintf(op->path, sizeof op->path, format, args);
    va_end(args);
    assert(n > 0 && (size_t)n < sizeof op->path);
    return op;
}

void emit_queue_op_unref(struct emit_op *op)
{
    assert(op->refs > 0);
    if (--op->refs > 0)
        return;
    if (op->step)
        emit_core_step_unref(op->step);
    emit_buf_fini(&op->body);
    emit_buf_fini(&op->answer);
    free(op->client_message_id);
    free(op);
}

// How many quarters of the bounds each kind may fill.
static size_t share(enum emit_op_kind kind)
{
    return kind == EMIT_OP_COMPLETE || kind == EMIT_OP_POST ? 4 : 3;
}

static bool fits(const struct trace_emitter *em, size_t bytes, size_t quarters)
{
    return em->stats.queued_bytes + bytes <= em->set.queue_bytes / 4 * quarters;
}

bool emit_queue_take_text(struct trace_emitter *em, size_t n)
{
    if (!fits(em, n, 2))
        return false;
    em->stats.queued_bytes += n;
    return true;
}

// Gives up the live text of the session's open steps.
static void mute(struct trace_session *s)
{
    struct trace_step *step = LIST_FIRST(&s->steps), *next;
    for (; step; step = next) {
        next = LIST_NEXT(step, next);
        if (step->progress.text.n == 0)
            continue;
        s->emitter->stats.progress_dropped++;
        emit_core_step_unlist(step);
    }
}

// Writes that must be recorded need the room.
static void mute_all(struct trace_emitter *em)
{
    struct trace_session *s;
    uint64_t before = em->stats.progress_dropped;
    TAILQ_FOREACH(s, &em->sessions, next)
    {
        mute(s);
    }
    if (em->stats.progress_dropped != before)
        emit_notice_line(&em->notices, TRACE_LOG_WARNING, "the queue is full: the live text of %llu steps was given up",
                         (unsigned long long)(em->stats.progress_dropped - before));
}

static bool admit(struct trace_emitter *em, const struct emit_op *op)
{
    size_t quarters = share(op->kind), bytes = op->cost;
    if (op->kind == EMIT_OP_END)
        return true;
    if (!fits(em, bytes, quarters))
        mute_all(em);
    if (fits(em, bytes, quarters) && em->stats.queued < em->set.queue_length * quarters / 4)
        return true;
    em->stats.dropped_full++;
    if (emit_notice_worth(em->stats.dropped_full))
        emit_notice_line(&em->notices, TRACE_LOG_ERROR, "the queue is full: %llu writes dropped so far",
                         (unsigned long long)em->stats.dropped_full);
    return false;
}

bool emit_queue_away(const struct trace_emitter *em, int64_t now)
{
    int64_t patience = em->set.ack_timeout_ms > 0 ? em->set.ack_timeout_ms : PATIENCE_MS;
    return em->failing_since_ms && now - em->failing_since_ms >= patience && now - em->failing_at_ms <= AWAY_FRESH_MS;
}

void emit_queue_wait(struct trace_emitter *em, int64_t until)
{
    struct timespec at = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
    pthread_cond_timedwait(&em->changed, &em->lock, &at);
}

// Nothing new is begun for a claim that was not answered in time, but the request under way may still make the session
// ours.
static void give_up_claim(struct trace_emitter *em, struct emit_op *op, bool may_wait)
{
    op->expires_at_ms = 0;
    emit_core_wake(em);
    while (may_wait && !op->done && !em->closing)
        pthread_cond_wait(&em->changed, &em->lock);
}

static enum trace_result await(struct trace_emitter *em, struct emit_op *op)
{
    bool claim = op->kind == EMIT_OP_CLAIM;
    int64_t patience = em->set.ack_timeout_ms > 0 ? em->set.ack_timeout_ms : claim ? PATIENCE_MS : 0;
    int64_t until = emit_core_now() + patience;
    // A callback runs on the very thread that would have to do the work.
    if (pthread_equal(pthread_self(), em->thread))
        until = 0;
    for (int64_t now; !op->done && !em->closing && (now = emit_core_now()) < until;) {
        if (!claim && emit_queue_away(em, now))
            break;
        emit_queue_wait(em, until);
    }
    if (claim && !op->done)
        give_up_claim(em, op, until != 0);
    op->awaited = false;
    if (op->done)
        return op->result;
    if (em->closing)
        return TRACE_CLOSED;
    return claim ? TRACE_AWAY : TRACE_QUEUED;
}

enum trace_result emit_queue_put(struct trace_session *s, struct emit_op *op)
{
    struct trace_emitter *em = s->emitter;
    enum trace_result result = TRACE_FULL;
    op->cost = sizeof *op + op->body.n;
    if (!admit(em, op))
        goto out;
    op->expires_at_ms = emit_core_now() + em->set.deliver_timeout_ms;
    op->awaited = true;
    op->refs++;
    em->stats.queued++;
    em->stats.queued_bytes += op->cost;
    STAILQ_INSERT_TAIL(&s->ops, op, next);
    emit_core_wake(em);
    result = await(em, op);
out:
    emit_queue_op_unref(op);
    return result;
}

void emit_queue_finish(struct trace_session *s, enum trace_result result)
{
    struct trace_emitter *em = s->emitter;
    struct emit_op *op = STAILQ_FIRST(&s->ops);
    STAILQ_REMOVE_HEAD(&s->ops, next);
    em->stats.queued--;
    em->stats.queued_bytes -= op->cost;
    op->done = true;
    op->result = result;
    emit_queue_op_unref(op);
    pthread_cond_broadcast(&em->changed);
}
