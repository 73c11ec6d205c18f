// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_lane.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>

#include "emitter/emit_batch.h"
#include "emitter/emit_ops.h"
#include "emitter/emit_queue.h"

// A progress request that hangs must not hold a write back for long; lost text goes out with the next.
#define PROGRESS_TIMEOUT_MS 2000
// What a link must carry beside that. The largest batch has 33 s more, so that with a heartbeat before each attempt
// the server does not give the session up meanwhile.
#define BYTES_PER_MS 64

void emit_lane_note_ended(struct trace_session *s, const char *status)
{
    struct trace_step *step;
    s->ended = true;
    while ((step = LIST_FIRST(&s->steps)))
        emit_core_step_unlist(step);
    if (!s->told)
        emit_notice_ended(&s->emitter->notices, s->id, status);
    s->told = true;
}

void emit_lane_end(struct trace_session *s, const char *status)
{
    unsigned long long lost = 0;
    emit_lane_note_ended(s, status);
    while (!STAILQ_EMPTY(&s->ops)) {
        lost += STAILQ_FIRST(&s->ops)->kind != EMIT_OP_READ;
        emit_queue_finish(s, TRACE_ENDED);
    }
    s->emitter->stats.dropped_ended += lost;
    if (lost)
        emit_notice_line(&s->emitter->notices, TRACE_LOG_ERROR,
                         "%s: the session has ended (%s): %llu writes are dropped", s->id, status, lost);
}

void emit_lane_hear_ended(struct trace_session *s, const char *status)
{
    if (STAILQ_EMPTY(&s->ops)) {
        emit_lane_end(s, status);
        return;
    }
    s->putting = true;
    emit_lane_note_ended(s, status);
}

static void expire(struct trace_session *s)
{
    struct trace_emitter *em = s->emitter;
    struct emit_op *op = STAILQ_FIRST(&s->ops);
    if (op->kind != EMIT_OP_CLAIM && op->kind != EMIT_OP_READ) {
        em->stats.dropped_expired++;
        emit_notice_line(&em->notices, TRACE_LOG_ERROR, "%s: %s was not delivered in time: dropped", s->id,
                         emit_ops_name(op->kind));
    }
    emit_ops_dropped(s, op);
    bool whole = op->kind == EMIT_OP_CREATE || op->kind == EMIT_OP_CLAIM;
    s->told = s->told || (whole && op->awaited);
    emit_queue_finish(s, TRACE_AWAY);
    if (whole)
        emit_lane_end(s, "undelivered");
}

static void request(struct trace_session *s, enum emit_call_kind kind, const char *body, size_t n, int64_t timeout_ms)
{
    timeout_ms += (int64_t)(n / BYTES_PER_MS);
    s->call.kind = kind;
    s->call.request = (struct trace_request){.method = s->call.is_put ? "PUT" : "POST",
                                             .path = s->call.path,
                                             .body = body,
                                             .body_length = n,
                                             .timeout_ms = timeout_ms < INT_MAX ? (int)timeout_ms : INT_MAX};
}

static void path_of(struct trace_session *s, const char *step_id, const char *verb)
{
    struct emit_call *c = &s->call;
    c->is_put = false;
    int n = snprintf(c->path, sizeof c->path, "/api/workspaces/%s/agent-sessions/%s%s%s%s%s", s->emitter->set.workspace,
                     s->id, step_id ? "/steps/" : "", step_id ? step_id : "", verb ? "/" : "", verb ? verb : "");
    assert(n > 0 && (size_t)n < sizeof c->path);
}

// Drops the write at the head without trying it, because of what became of others.
static bool is_given_up(struct trace_session *s, struct emit_op *op)
{
    bool is_late = s->takes_none && (op->kind == EMIT_OP_START || op->kind == EMIT_OP_RECORD);
    if (!is_late && !(op->step && op->step->lost))
        return false;
    *(is_late ? &s->emitter->stats.dropped_ended : &s->emitter->stats.refused) += 1;
    emit_notice_line(&s->emitter->notices, TRACE_LOG_ERROR, "%s: %s was dropped: %s", s->id, emit_ops_name(op->kind),
                     is_late ? "it began after the session's end" : "its start was not recorded");
    emit_ops_dropped(s, op);
    emit_queue_finish(s, is_late ? TRACE_ENDED : TRACE_REFUSED);
    return true;
}

static void send_batch(struct trace_session *s)
{
    path_of(s, NULL, "batch");
    request(s, EMIT_CALL_BATCH, s->call.body.p, s->call.body.n, s->emitter->set.request_timeout_ms);
}

// What was tried before, or was recorded while the server was away, is put: whatever has become of the session and of
// the first attempt, it finds its place.
static void send_op(struct trace_session *s, struct emit_op *op)
{
    struct emit_call *c = &s->call;
    bool is_put = emit_ops_is_step(op) && (s->putting || op->attempts > 0);
    if (op->attempts++ > 0)
        s->emitter->stats.repeated++;
    path_of(s, is_put ? op->step_id : NULL, NULL);
    if (is_put) {
        emit_ops_print(s, op, EMIT_FORM_PUT, &c->body);
    } else {
        emit_ops_refer(s, op);
        emit_buf_fit(c->path, sizeof c->path, op->path);
    }
    c->is_put = is_put;
    const struct emit_buf *body = is_put ? &c->body : &op->body;
    request(s, EMIT_CALL_OP, body->p, body->n, s->emitter->set.request_timeout_ms);
    if (op->kind == EMIT_OP_READ)
        c->request.method = "GET";
}

static void send_heartbeat(struct trace_session *s)
{
    path_of(s, NULL, "heartbeat");
    request(s, EMIT_CALL_HEARTBEAT, NULL, 0, s->emitter->set.request_timeout_ms);
}

// A write that is tried again and again must not cost the session its signs of life. Not once its end is queued, whose
// attempt may have been done.
static bool beats_first(const struct trace_session *s, int64_t now)
{
    const struct emit_op *op = STAILQ_FIRST(&s->ops);
    return op && op->attempts > 0 && s->begun && !s->ended && !s->ending && s->held && !s->has_beaten &&
           now >= s->heartbeat_at_ms;
}

static bool next_op(struct trace_session *s)
{
    struct emit_op *op = STAILQ_FIRST(&s->ops);
    if (is_given_up(s, op))
        return false;
    if (s->reviving) {
        send_heartbeat(s);
        return true;
    }
    emit_buf_cut(&s->call.body, 0);
    s->call.lines = emit_batch_print(s, &s->call.body);
    if (s->call.lines)
        send_batch(s);
    else
        send_op(s, op);
    return true;
}

static void sooner(int64_t *due, int64_t at)
{
    if (at < *due)
        *due = at;
}

static bool next_progress(struct trace_session *s, int64_t now, int64_t *due)
{
    const struct emit_pace *pace = &s->emitter->set.pace;
    struct trace_step *step, *first = NULL;
    int64_t soonest = EMIT_NEVER;
    LIST_FOREACH(step, &s->steps, next)
    {
        if (step->closed)
            continue;
        int64_t at = emit_progress_due(&step->progress, pace, s->emitter->flushing > 0);
        if (at < soonest) {
            soonest = at;
            first = step;
        }
    }
    if (!first || soonest > now) {
        sooner(due, soonest);
        return false;
    }
    first->refs++;
    s->call.step = first;
    emit_progress_take(&first->progress, pace, now, &s->call.excerpt);
    path_of(s, first->id, "progress");
    int64_t timeout = s->emitter->set.request_timeout_ms;
    request(s, EMIT_CALL_PROGRESS, NULL, 0, timeout < PROGRESS_TIMEOUT_MS ? timeout : PROGRESS_TIMEOUT_MS);
    return true;
}

void emit_lane_print(struct emit_call *call)
{
    if (call->kind != EMIT_CALL_PROGRESS)
        return;
    emit_buf_cut(&call->body, 0);
    emit_progress_print(&call->excerpt, &call->body);
    call->request.body = call->body.p;
    call->request.body_length = call->body.n;
}

bool emit_lane_next(struct trace_session *s, int64_t now, int64_t *due)
{
    if (s->call.kind != EMIT_CALL_NONE)
        return false;
    while (!STAILQ_EMPTY(&s->ops) && now >= STAILQ_FIRST(&s->ops)->expires_at_ms)
        expire(s);
    bool waits = now < s->retry_at_ms;
    if (!waits && beats_first(s, now)) {
        send_heartbeat(s);
        s->has_beaten = true;
        return true;
    }
    s->has_beaten = s->has_beaten && waits;
    while (!waits && !STAILQ_EMPTY(&s->ops))
        if (next_op(s))
            return true;
    if (waits)
        sooner(due, s->retry_at_ms);
    if (waits && !STAILQ_EMPTY(&s->ops))
        sooner(due, STAILQ_FIRST(&s->ops)->expires_at_ms);
    if (waits || s->ended || !s->begun)
        return false;
    if (s->held && now >= s->heartbeat_at_ms) {
        send_heartbeat(s);
        return true;
    }
    if (s->held)
        sooner(due, s->heartbeat_at_ms);
    return next_progress(s, now, due);
}

bool emit_lane_idle(const struct trace_session *s)
{
    const struct emit_pace *pace = &s->emitter->set.pace;
    const struct trace_step *step;
    if (!STAILQ_EMPTY(&s->ops) || s->call.kind == EMIT_CALL_PROGRESS)
        return false;
    LIST_FOREACH(step, &s->steps, next)
    {
        if (!step->closed && emit_progress_due(&step->progress, pace, true) == 0)
            return false;
    }
    return true;
}
