// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "emitter/emit_body.h"
#include "emitter/emit_core.h"
#include "emitter/emit_id.h"
#include "emitter/emit_queue.h"

#define STEPS_PATH "/api/workspaces/%s/agent-sessions/%s/steps"

static const struct trace_outcome nothing;

// Returns the parent's id, or NULL; sets *wrong if it belongs to another session.
static const char *parent_id(const struct trace_session *s, const struct trace_step_spec *spec, bool *wrong)
{
    *wrong = spec->parent && spec->parent->session != s;
    return spec->parent ? spec->parent->id : NULL;
}

static struct trace_step_spec begun_now(const struct trace_step_spec *spec)
{
    struct trace_step_spec timed = *spec;
    if (!timed.started_at_ms)
        timed.started_at_ms = emit_core_wall();
    return timed;
}

static struct trace_outcome ended_now(const struct trace_outcome *outcome)
{
    struct trace_outcome timed = *outcome;
    if (!timed.completed_at_ms)
        timed.completed_at_ms = emit_core_wall();
    return timed;
}

static void name_message(struct emit_op *op, const struct trace_outcome *outcome)
{
    if (!outcome->message_id || emit_id_is(outcome->message_id, "msg_"))
        return;
    op->client_message_id = emit_buf_copy(outcome->message_id);
    op->refer_name = "messageId";
}

static void count_sources(struct trace_session *s, size_t dropped)
{
    if (!dropped)
        return;
    s->emitter->stats.sources_dropped += dropped;
    emit_notice_line(&s->emitter->notices, TRACE_LOG_WARNING, "%s: %zu sources left out", s->id, dropped);
}

enum trace_result trace_step_start(struct trace_session *s, const struct trace_step_spec *spec, struct trace_step **out)
{
    char id[TRACE_ID_SIZE];
    bool wrong;
    enum trace_result result = TRACE_INVALID;
    *out = NULL;
    if (!s)
        return TRACE_INVALID;
    const char *parent = parent_id(s, spec, &wrong);
    trace_id_new(id, "stp_");
    struct emit_op *op = emit_queue_op(EMIT_OP_START, STEPS_PATH, s->emitter->set.workspace, s->id);
    struct trace_step_spec timed = begun_now(spec);
    emit_buf_fit(op->step_id, sizeof op->step_id, spec->id ? spec->id : id);
    if (wrong || emit_body_start(&op->body, &timed, op->step_id, parent) != 0)
        goto fail;
    result = TRACE_CLOSED;
    if (!emit_core_enter(s->emitter))
        goto fail;
    struct trace_step *step = emit_core_step_new(s, spec->id ? spec->id : id);
    *out = step;
    result = TRACE_ENDED;
    if (s->ended || s->ending) {
        step->lost = true;
        emit_queue_op_unref(op);
        goto leave;
    }
    op->step = step;
    step->refs++;
    emit_core_step_list(step);
    result = emit_queue_put(s, op);
    if (result == TRACE_FULL) {
        step->lost = true;
        emit_core_step_unlist(step);
    }
leave:
    emit_core_leave(s->emitter);
    return result;
fail:
    emit_queue_op_unref(op);
    return result;
}

// Counts what the text has grown by, and gives it up where a bound is reached; before is its length until now.
static void settle_text(struct trace_step *step, size_t before)
{
    struct trace_emitter *em = step->session->emitter;
    size_t n = step->progress.text.n;
    em->stats.queued_bytes -= before;
    if (n <= TRACE_CONTENT_MAX && emit_queue_take_text(em, n))
        return;
    em->stats.queued_bytes += n;
    em->stats.progress_dropped++;
    emit_notice_line(&em->notices, TRACE_LOG_WARNING, "%s: the live text of %s was given up at %zu bytes: %s",
                     step->session->id, step->id, n, n > TRACE_CONTENT_MAX ? "too long" : "the queue is full");
    emit_core_step_unlist(step);
}

static enum trace_result progress(struct trace_step *step, const char *bytes, size_t n, bool whole)
{
    if (!step)
        return TRACE_INVALID;
    struct trace_session *s = step->session;
    struct trace_emitter *em = s->emitter;
    enum trace_result result = TRACE_CLOSED;
    if (!emit_core_enter(em))
        return result;
    result = s->ended || s->ending || step->closed || step->lost ? TRACE_ENDED : TRACE_OK;
    if (result != TRACE_OK || !step->listed)
        goto leave;
    struct emit_progress *p = &step->progress;
    const struct emit_pace *pace = &em->set.pace;
    int64_t now = emit_core_now(), before = emit_progress_due(p, pace, false);
    size_t length = p->text.n;
    bool news = whole ? emit_progress_replace(p, bytes, n, now) : emit_progress_append(p, bytes, n, now);
    if (!news)
        goto leave;
    settle_text(step, length);
    if (step->listed && before != EMIT_NEVER && before <= emit_progress_due(p, pace, false))
        em->stats.progress_merged++;
    else
        emit_core_wake(em);
leave:
    emit_core_leave(em);
    return result;
}

enum trace_result trace_step_progress(struct trace_step *step, const char *text)
{
    return progress(step, text, strlen(text), true);
}

enum trace_result trace_step_append(struct trace_step *step, const char *delta, size_t n)
{
    return progress(step, delta, n, false);
}

// With the lock.
static enum trace_result may_complete(const struct trace_step *step)
{
    if (step->session->ended || step->session->ending || step->closed)
        return TRACE_ENDED;
    return step->lost ? TRACE_REFUSED : TRACE_OK;
}

// Returns whether the step may be completed; if so, copies the text that it has streamed, where the outcome has none.
static enum trace_result look(struct trace_step *step, const struct trace_outcome *outcome, struct emit_buf *streamed)
{
    struct trace_emitter *em = step->session->emitter;
    if (!emit_core_enter(em))
        return TRACE_CLOSED;
    enum trace_result result = may_complete(step);
    if (result == TRACE_OK && step->listed && step->progress.text.n && !outcome->text && !outcome->content_json)
        emit_buf_add(streamed, step->progress.text.p, step->progress.text.n);
    emit_core_leave(em);
    return result;
}

// Takes op.
static enum trace_result queue_completion(struct trace_step *step, struct emit_op *op, size_t sources_dropped)
{
    struct trace_session *s = step->session;
    enum trace_result result = TRACE_CLOSED;
    if (!emit_core_enter(s->emitter))
        goto out;
    result = may_complete(step);
    if (result != TRACE_OK)
        goto leave;
    count_sources(s, sources_dropped);
    op->step = step;
    step->refs++;
    step->closed = true;
    result = emit_queue_put(s, op);
    op = NULL;
    if (result == TRACE_FULL)
        step->closed = false;
    // A completion that was refused while its caller waited leaves the step open, with its text kept for the next
    // completion.
    if (step->closed)
        emit_core_step_unlist(step);
leave:
    emit_core_leave(s->emitter);
out:
    if (op)
        emit_queue_op_unref(op);
    return result;
}

// The body is printed without the lock: a long one must not keep other threads waiting.
enum trace_result trace_step_complete(struct trace_step *step, const struct trace_outcome *outcome)
{
    if (!step)
        return TRACE_INVALID;
    struct emit_buf streamed = {0};
    struct emit_closing closing = {.streamed = &streamed};
    if (!outcome)
        outcome = &nothing;
    enum trace_result result = look(step, outcome, &streamed);
    if (result != TRACE_OK)
        return result;
    const struct trace_session *s = step->session;
    struct emit_op *op =
        emit_queue_op(EMIT_OP_COMPLETE, STEPS_PATH "/%s/complete", s->emitter->set.workspace, s->id, step->id);
    struct trace_outcome timed = ended_now(outcome);
    emit_buf_fit(op->step_id, sizeof op->step_id, step->id);
    int printed = emit_body_complete(&op->body, &timed, &closing);
    emit_buf_fini(&streamed);
    if (printed != 0) {
        emit_queue_op_unref(op);
        return TRACE_INVALID;
    }
    name_message(op, outcome);
    return queue_completion(step, op, closing.sources_dropped);
}

enum trace_result trace_step_fail(struct trace_step *step, const char *code, const char *message)
{
    return trace_step_complete(step,
                               &(struct trace_outcome){.error_code = code ? code : "failed", .error_message = message});
}

const char *trace_step_id(const struct trace_step *step)
{
    return step ? step->id : "";
}

void trace_step_free(struct trace_step *step)
{
    if (!step)
        return;
    struct trace_emitter *em = step->session->emitter;
    if (!emit_core_lock(em))
        return;
    bool may_be_last = !step->session->held && !em->closing;
    emit_core_step_unlist(step);
    emit_core_step_unref(step);
    if (may_be_last)
        emit_core_wake(em);
    emit_core_leave(em);
}

enum trace_result trace_session_record(struct trace_session *s, const struct trace_step_spec *spec,
                                       const struct trace_outcome *outcome)
{
    char id[TRACE_ID_SIZE];
    bool wrong;
    struct emit_closing closing = {0};
    enum trace_result result = TRACE_INVALID;
    if (!s)
        return TRACE_INVALID;
    const char *parent = parent_id(s, spec, &wrong);
    if (!outcome)
        outcome = &nothing;
    trace_id_new(id, "stp_");
    struct emit_op *op = emit_queue_op(EMIT_OP_RECORD, STEPS_PATH, s->emitter->set.workspace, s->id);
    struct trace_step_spec begun = begun_now(spec);
    struct trace_outcome ended = ended_now(outcome);
    // What took no time begins when it ends, wherever only one of the two is given.
    if (!spec->started_at_ms)
        begun.started_at_ms = ended.completed_at_ms;
    emit_buf_fit(op->step_id, sizeof op->step_id, spec->id ? spec->id : id);
    if (wrong || emit_body_record(&op->body, &begun, op->step_id, parent, &ended, &closing) != 0)
        goto out;
    name_message(op, outcome);
    result = TRACE_CLOSED;
    if (!emit_core_enter(s->emitter))
        goto out;
    result = TRACE_ENDED;
    if (!s->ended && !s->ending) {
        count_sources(s, closing.sources_dropped);
        result = emit_queue_put(s, op);
        op = NULL;
    }
    emit_core_leave(s->emitter);
out:
    if (op)
        emit_queue_op_unref(op);
    return result;
}
