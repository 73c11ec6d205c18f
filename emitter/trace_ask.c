// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "emitter/emit_answer.h"
#include "emitter/emit_core.h"
#include "emitter/emit_json.h"
#include "emitter/emit_queue.h"

#define TIMEOUT_S 600
#define TIMEOUT_MAX_S 86400
// How long the room of the session is trusted to tell of the decision, and how often is asked without it.
#define WATCHED_MS 30000
#define UNWATCHED_MS 2000
#define ALLOWANCE_MS 1000 // the server's clock decides when the time is over

static void print_options(struct emit_buf *b, const struct trace_question *q)
{
    emit_json_name(b, "options");
    for (size_t i = 0; i < q->option_count; i++) {
        emit_buf_text(b, i ? "," : "[");
        emit_json_open(b);
        emit_json_text(b, "id", q->options[i].id);
        emit_json_text(b, "label", q->options[i].label);
        emit_json_value(b, "danger", q->options[i].danger ? "true" : NULL);
        emit_json_close(b);
    }
    emit_buf_text(b, "]");
}

static bool is_fit(const struct trace_question *q)
{
    if (!q->text || !*q->text || q->timeout_s < 0 || q->timeout_s > TIMEOUT_MAX_S)
        return false;
    for (size_t i = 0; i < q->option_count; i++) {
        const char *id = q->options[i].id;
        if (!id || !*id || strlen(id) > 64)
            return false;
    }
    return true;
}

static enum trace_result start(struct trace_session *s, const struct trace_question *q, int64_t until,
                               struct trace_step **step)
{
    struct emit_buf content = {0};
    emit_json_open(&content);
    emit_json_text(&content, "question", q->text);
    if (q->option_count)
        print_options(&content, q);
    emit_json_time(&content, "expiresAt", until);
    emit_json_close(&content);
    emit_buf_add(&content, "", 1);
    const struct trace_step_spec spec = {.type = "approval", .parent = q->parent, .content_json = content.p};
    enum trace_result result = trace_step_start(s, &spec, step);
    emit_buf_fini(&content);
    return result;
}

// Asks the server once, with the lock. TRACE_QUEUED: it still waits, as far as is known.
static enum trace_result read_once(struct trace_session *s, const char *step_id, int64_t until,
                                   struct trace_decision *out)
{
    char status[16] = "";
    struct emit_op *op = emit_queue_op(EMIT_OP_READ, "/api/workspaces/%s/agent-sessions/%s/steps/%s",
                                       s->emitter->set.workspace, s->id, step_id);
    op->refs++;
    enum trace_result result = emit_queue_put(s, op);
    while (result == TRACE_QUEUED && !op->done && !s->emitter->closing && emit_core_now() < until)
        emit_queue_wait(s->emitter, until);
    result = op->done ? op->result : result;
    if (result == TRACE_OK) {
        emit_answer_decision(op->answer.p, op->answer.n, status, out);
        result = *out->option ? TRACE_OK : strcmp(status, "running") == 0 ? TRACE_QUEUED : TRACE_ENDED;
    }
    emit_queue_op_unref(op);
    return result == TRACE_AWAY || result == TRACE_FULL ? TRACE_QUEUED : result;
}

// Between two readings: until the room tells of something, or for a while.
static void wait_for_news(struct trace_session *s, unsigned heard, int64_t until)
{
    int64_t pause = emit_core_now() + (s->emitter->set.watch ? WATCHED_MS : UNWATCHED_MS);
    int64_t next = pause < until ? pause : until;
    while (s->heard == heard && !s->ended && !s->emitter->closing && emit_core_now() < next)
        emit_queue_wait(s->emitter, next);
}

static enum trace_result wait_for_decision(struct trace_session *s, const char *step_id, int64_t until,
                                           struct trace_decision *out)
{
    enum trace_result result = TRACE_QUEUED;
    if (!emit_core_enter(s->emitter))
        return TRACE_CLOSED;
    for (;;) {
        unsigned heard = s->heard;
        if (s->ended || s->ending)
            result = TRACE_ENDED;
        else if (s->emitter->closing)
            result = TRACE_CLOSED;
        else
            result = read_once(s, step_id, until, out);
        if (result != TRACE_QUEUED || emit_core_now() >= until)
            break;
        wait_for_news(s, heard, until);
    }
    emit_core_leave(s->emitter);
    return result == TRACE_QUEUED ? TRACE_AWAY : result;
}

enum trace_result trace_session_ask(struct trace_session *s, const struct trace_question *q, struct trace_decision *out)
{
    struct trace_step *step = NULL;
    *out = (struct trace_decision){0};
    if (!s || !is_fit(q))
        return TRACE_INVALID;
    int64_t wait_ms = (q->timeout_s ? q->timeout_s : TIMEOUT_S) * INT64_C(1000);
    int64_t until = emit_core_now() + wait_ms;
    enum trace_result result = start(s, q, emit_core_wall() + wait_ms, &step);
    if (result == TRACE_OK || result == TRACE_QUEUED)
        result = wait_for_decision(s, trace_step_id(step), until + ALLOWANCE_MS, out);
    if (result != TRACE_OK && step) {
        *out = (struct trace_decision){0};
        (void)trace_step_fail(step, result == TRACE_AWAY ? "expired" : "withdrawn",
                              result == TRACE_AWAY ? "Nobody decided in time." : "The question was withdrawn.");
    }
    trace_step_free(step);
    return result;
}
