// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_reply.h"

#include <string.h>

#include "emitter/emit_answer.h"
#include "emitter/emit_lane.h"
#include "emitter/emit_ops.h"
#include "emitter/emit_queue.h"
#include "emitter/emit_retry.h"

// The most that a session's buffers keep between two requests.
#define KEPT_BYTES 65536

static uint32_t next_random(struct trace_emitter *em)
{
    em->random = em->random * 1664525u + 1013904223u;
    return em->random;
}

// Updates the emitter's view of the server, and the lane's next attempt.
static void reached(struct trace_session *s, const struct trace_reply *reply, enum emit_verdict verdict, int64_t now)
{
    struct trace_emitter *em = s->emitter;
    if (verdict == EMIT_AWAY || verdict == EMIT_BROKEN) {
        s->failures++;
        s->retry_at_ms = now + emit_retry_delay(em->set.retry_ms, s->failures, reply->retry_after_ms, next_random(em));
    } else {
        s->failures = 0;
        s->retry_at_ms = 0;
    }
    if (verdict != EMIT_AWAY) {
        if (em->said_away)
            emit_notice_line(&em->notices, TRACE_LOG_INFO, "the server answers again");
        em->said_away = false;
        em->failing_since_ms = 0;
        return;
    }
    em->failing_at_ms = now;
    if (!em->failing_since_ms)
        em->failing_since_ms = now;
    if (!em->said_away && emit_queue_away(em, now)) {
        em->said_away = true;
        emit_notice_line(&em->notices, TRACE_LOG_WARNING, "the server is away (%s): %llu writes wait",
                         reply->status ? "it asks to wait" : reply->error, (unsigned long long)em->stats.queued);
    }
}

// Returns the status that an answer gives a session of which nothing more can be recorded, or NULL for other answers.
static const char *final_status(const struct trace_error *problem, enum emit_call_kind kind)
{
    if (strcmp(problem->code, "session_ended") == 0)
        return problem->detail;
    if (problem->status == 401 || (kind == EMIT_CALL_HEARTBEAT && (problem->status == 403 || problem->status == 404)))
        return "refused";
    return NULL;
}

// Memory that one long text needed is not kept for the next one.
static void forget_long(struct emit_call *call)
{
    if (call->body.cap <= KEPT_BYTES)
        return;
    emit_buf_fini(&call->body);
    emit_buf_fini(&call->excerpt.text);
}

static void say_refused(struct trace_session *s, const char *what)
{
    emit_notice_line(&s->emitter->notices, TRACE_LOG_ERROR, "%s: %s refused: %d %s %s", s->id, what, s->error.status,
                     s->error.code, s->error.detail);
}

// The server may have ended the session for its silence, and lets it run again for a step that is put, or for a
// heartbeat. Returns whether the write is to be tried again that way.
static bool may_try_again(struct trace_session *s, struct emit_op *op)
{
    if (strcmp(s->error.code, "session_ended") != 0 || strcmp(s->error.detail, "failed") != 0)
        return false;
    if (emit_ops_is_step(op) && !s->call.is_put)
        return s->putting = true;
    if (op->kind != EMIT_OP_END || op->revived)
        return false;
    return op->revived = s->reviving = true;
}

// The session stays ended for this step that was put, but takes others that wait: those that began before it ended.
static void put_refused(struct trace_session *s, const struct emit_op *op)
{
    s->takes_none = s->takes_none || op->kind != EMIT_OP_COMPLETE;
}

static void op_refused(struct trace_session *s, struct emit_op *op, const struct trace_reply *reply)
{
    struct trace_emitter *em = s->emitter;
    bool whole = op->kind == EMIT_OP_CREATE || op->kind == EMIT_OP_CLAIM;
    emit_answer_problem(reply, &s->error);
    s->failed = true;
    if (may_try_again(s, op))
        return;
    const char *status = final_status(&s->error, EMIT_CALL_OP);
    bool ended = strcmp(s->error.code, "session_ended") == 0;
    if (!ended)
        em->stats.refused++;
    em->reported += !ended && op->kind == EMIT_OP_CLAIM;
    // A caller waits for a claim and says itself what matters; losing one to another worker does not.
    if (!ended && op->kind != EMIT_OP_CLAIM)
        say_refused(s, emit_ops_name(op->kind));
    if (whole)
        s->told = op->awaited;
    if (ended && op->kind != EMIT_OP_END) {
        em->stats.dropped_ended++;
        emit_notice_line(&em->notices, TRACE_LOG_ERROR, "%s: %s was dropped: the session has ended (%s)", s->id,
                         emit_ops_name(op->kind), s->error.detail);
    }
    bool goes_on = ended && s->call.is_put;
    if (goes_on)
        put_refused(s, op);
    emit_ops_dropped(s, op);
    emit_queue_finish(s, ended ? TRACE_ENDED : TRACE_REFUSED);
    if (goes_on)
        emit_lane_note_ended(s, status);
    else if (status || whole)
        emit_lane_end(s, status ? status : "refused");
}

static void op_accepted(struct trace_session *s, const struct trace_reply *reply, int64_t now)
{
    struct emit_op *op = STAILQ_FIRST(&s->ops);
    // Only a write is a sign of life.
    if (op->kind != EMIT_OP_READ) {
        s->emitter->stats.acknowledged++;
        s->heartbeat_at_ms = now + s->emitter->set.heartbeat_ms;
    }
    emit_ops_accepted(s, op, reply, now);
    if (op->kind == EMIT_OP_END) {
        s->told = true;
        emit_lane_note_ended(s, "");
    }
    emit_queue_finish(s, TRACE_OK);
}

// What was put does not say whether the session runs: a heartbeat asks, as soon as nothing waits any more.
static void settle(struct trace_session *s, int64_t now)
{
    if (!s->putting || !STAILQ_EMPTY(&s->ops))
        return;
    s->putting = false;
    if (s->heartbeat_at_ms > now)
        s->heartbeat_at_ms = now;
}

static void op_done(struct trace_session *s, const struct trace_reply *reply, enum emit_verdict verdict, int64_t now)
{
    struct emit_op *op = STAILQ_FIRST(&s->ops);
    s->putting = s->putting || verdict == EMIT_AWAY;
    forget_long(&s->call);
    if (verdict == EMIT_AWAY || (verdict == EMIT_BROKEN && ++op->broken < EMIT_RETRY_BROKEN))
        return;
    if (s->singly)
        s->singly--;
    if (verdict == EMIT_DONE)
        op_accepted(s, reply, now);
    else
        op_refused(s, op, reply);
    settle(s, now);
}

static void batch_done(struct trace_session *s, const struct trace_reply *reply, enum emit_verdict verdict, int64_t now)
{
    size_t lines = s->call.lines;
    forget_long(&s->call);
    s->putting = s->putting || verdict == EMIT_AWAY;
    if (verdict == EMIT_AWAY)
        return;
    if (verdict != EMIT_DONE)
        s->singly = lines;
    for (; verdict == EMIT_DONE && lines > 0; lines--)
        op_accepted(s, reply, now);
    settle(s, now);
}

static void heartbeat_done(struct trace_session *s, const struct trace_reply *reply, enum emit_verdict verdict,
                           int64_t now)
{
    if (verdict == EMIT_AWAY)
        return;
    // An ending that waited for this answer learns by itself what the session is.
    bool was_reviving = s->reviving;
    s->reviving = false;
    s->heartbeat_at_ms = now + s->emitter->set.heartbeat_ms;
    if (verdict == EMIT_DONE) {
        s->emitter->stats.heartbeats++;
        return;
    }
    emit_answer_problem(reply, &s->error);
    s->failed = true;
    if (was_reviving)
        return;
    const char *status = final_status(&s->error, EMIT_CALL_HEARTBEAT);
    if (!status || strcmp(s->error.code, "session_ended") != 0)
        say_refused(s, "heartbeat");
    if (status && strcmp(s->error.code, "session_ended") == 0)
        emit_lane_hear_ended(s, status);
    else if (status)
        emit_lane_end(s, status);
}

static void progress_done(struct trace_session *s, const struct trace_reply *reply, enum emit_verdict verdict,
                          int64_t now)
{
    struct trace_step *step = s->call.step;
    struct trace_emitter *em = s->emitter;
    bool stored = step->progress.storing;
    s->call.step = NULL;
    forget_long(&s->call);
    if (step->listed)
        emit_progress_sent(&step->progress, verdict == EMIT_DONE);
    if (verdict == EMIT_DONE) {
        em->stats.progress_sent++;
        if (stored)
            s->heartbeat_at_ms = now + em->set.heartbeat_ms;
    } else {
        em->stats.progress_failed++;
    }
    if (verdict == EMIT_REFUSED && step->listed) {
        emit_answer_problem(reply, &s->error);
        s->failed = true;
        say_refused(s, "progress");
        em->stats.progress_dropped++;
        emit_core_step_unlist(step);
        s->heartbeat_at_ms = now;
    }
    emit_core_step_unref(step);
}

void emit_reply_take(struct trace_session *s, const struct trace_reply *reply, int64_t now)
{
    enum emit_verdict verdict = emit_retry_judge(reply->status);
    enum emit_call_kind kind = s->call.kind;
    s->call.kind = EMIT_CALL_NONE;
    // That a heartbeat passed between two attempts at a write says nothing of the write, which is the next.
    if (kind != EMIT_CALL_HEARTBEAT || !s->has_beaten || verdict != EMIT_DONE)
        reached(s, reply, verdict, now);
    if (kind == EMIT_CALL_OP)
        op_done(s, reply, verdict, now);
    else if (kind == EMIT_CALL_BATCH)
        batch_done(s, reply, verdict, now);
    else if (kind == EMIT_CALL_HEARTBEAT)
        heartbeat_done(s, reply, verdict, now);
    else
        progress_done(s, reply, verdict, now);
    pthread_cond_broadcast(&s->emitter->changed);
}
