// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "emitter/emit_body.h"
#include "emitter/emit_core.h"
#include "emitter/emit_id.h"
#include "emitter/emit_lane.h"
#include "emitter/emit_queue.h"

#define SESSIONS_PATH "/api/workspaces/%s/agent-sessions"

enum trace_result trace_session_create(struct trace_emitter *em, const struct trace_session_spec *spec,
                                       struct trace_session **out)
{
    char id[TRACE_ID_SIZE];
    enum trace_result result = TRACE_INVALID;
    *out = NULL;
    trace_id_new(id, "ses_");
    struct trace_session_spec timed = *spec;
    if (!timed.started_at_ms)
        timed.started_at_ms = emit_core_wall();
    struct emit_op *op = emit_queue_op(EMIT_OP_CREATE, SESSIONS_PATH, em->set.workspace);
    if (emit_body_create(&op->body, &timed, spec->id ? spec->id : id) != 0)
        goto fail;
    result = TRACE_CLOSED;
    if (!emit_core_enter(em))
        goto fail;
    *out = emit_core_session_new(em, spec->id ? spec->id : id);
    emit_buf_fit((*out)->stream_id, sizeof(*out)->stream_id, spec->stream_id);
    result = emit_queue_put(*out, op);
    if (result == TRACE_FULL)
        (*out)->ended = (*out)->told = true;
    emit_core_leave(em);
    return result;
fail:
    emit_queue_op_unref(op);
    return result;
}

enum trace_result trace_session_claim(struct trace_emitter *em, const char *session_id, const char *worker_id,
                                      struct trace_session **out)
{
    enum trace_result result = TRACE_INVALID;
    *out = NULL;
    if (!emit_id_is(session_id, "ses_"))
        return TRACE_INVALID;
    struct emit_op *op = emit_queue_op(EMIT_OP_CLAIM, SESSIONS_PATH "/%s/claim", em->set.workspace, session_id);
    if (emit_body_claim(&op->body, worker_id) != 0)
        goto fail;
    result = TRACE_CLOSED;
    if (!emit_core_enter(em))
        goto fail;
    *out = emit_core_session_new(em, session_id);
    result = emit_queue_put(*out, op);
    if (result != TRACE_OK)
        (*out)->ended = (*out)->told = true;
    emit_core_leave(em);
    return result;
fail:
    emit_queue_op_unref(op);
    return result;
}

enum trace_result trace_session_adopt(struct trace_emitter *em, const char *session_id, struct trace_session **out)
{
    *out = NULL;
    if (!emit_id_is(session_id, "ses_"))
        return TRACE_INVALID;
    if (!emit_core_enter(em))
        return TRACE_CLOSED;
    struct trace_session *s = emit_core_session_new(em, session_id);
    s->begun = true;
    s->heartbeat_at_ms = 0;
    emit_core_wake(em);
    emit_core_leave(em);
    *out = s;
    return TRACE_OK;
}

const char *trace_session_id(const struct trace_session *s)
{
    return s ? s->id : "";
}

const char *trace_session_json(struct trace_session *s)
{
    if (!s || !emit_core_lock(s->emitter))
        return NULL;
    const char *json = s->json;
    emit_core_leave(s->emitter);
    return json;
}

bool trace_session_ended(struct trace_session *s)
{
    if (!s || !emit_core_lock(s->emitter))
        return true;
    bool ended = s->ended;
    emit_core_leave(s->emitter);
    return ended;
}

bool trace_session_error(struct trace_session *s, struct trace_error *out)
{
    *out = (struct trace_error){0};
    if (!s || !emit_core_lock(s->emitter))
        return false;
    bool failed = s->failed;
    *out = s->error;
    emit_core_leave(s->emitter);
    return failed;
}

void trace_session_note_ended(struct trace_session *s, const char *status)
{
    if (!s || !emit_core_enter(s->emitter))
        return;
    if (!s->ended && !s->ending) {
        emit_lane_hear_ended(s, status);
        emit_core_wake(s->emitter);
    }
    emit_core_leave(s->emitter);
}

// Queues an ending whose body is ready, and takes op. The same ending again answers as the first did.
static enum trace_result end(struct trace_session *s, struct emit_op *op, const char *verb)
{
    enum trace_result result = TRACE_CLOSED;
    if (!emit_core_enter(s->emitter))
        goto out;
    result = TRACE_ENDED;
    if (s->ending && strcmp(s->ending_verb, verb) == 0)
        result = s->ended ? TRACE_OK : TRACE_QUEUED;
    if (s->ending || s->ended)
        goto leave;
    s->ending = true;
    s->ending_verb = verb;
    result = emit_queue_put(s, op);
    op = NULL;
leave:
    emit_core_leave(s->emitter);
out:
    if (op)
        emit_queue_op_unref(op);
    return result;
}

static struct emit_op *end_op(struct trace_session *s, const char *verb)
{
    return emit_queue_op(EMIT_OP_END, SESSIONS_PATH "/%s/%s", s->emitter->set.workspace, s->id, verb);
}

enum trace_result trace_session_complete(struct trace_session *s, const char *response_message_id, int64_t seen_seq)
{
    if (!s)
        return TRACE_INVALID;
    struct emit_op *op = end_op(s, "complete");
    if (emit_body_finish(&op->body, response_message_id, seen_seq) != 0) {
        emit_queue_op_unref(op);
        return TRACE_INVALID;
    }
    if (response_message_id && !emit_id_is(response_message_id, "msg_")) {
        op->client_message_id = emit_buf_copy(response_message_id);
        op->refer_name = "responseMessageId";
    }
    return end(s, op, "complete");
}

enum trace_result trace_session_fail(struct trace_session *s, const char *code, const char *message)
{
    if (!s)
        return TRACE_INVALID;
    struct emit_op *op = end_op(s, "fail");
    if (emit_body_fail(&op->body, code, message) != 0) {
        emit_queue_op_unref(op);
        return TRACE_INVALID;
    }
    return end(s, op, "fail");
}

enum trace_result trace_session_cancel(struct trace_session *s)
{
    if (!s)
        return TRACE_INVALID;
    struct emit_op *op = end_op(s, "cancel");
    emit_buf_text(&op->body, "{}");
    return end(s, op, "cancel");
}

void trace_session_free(struct trace_session *s)
{
    if (!s || !emit_core_lock(s->emitter))
        return;
    struct trace_emitter *em = s->emitter;
    s->held = false;
    emit_core_session_unref(s);
    if (!em->closing)
        emit_core_wake(em);
    emit_core_leave(em);
}
