// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_ops.h"

#include <stdlib.h>
#include <string.h>

#include "emitter/emit_answer.h"
#include "emitter/emit_body.h"
#include "emitter/emit_json.h"

// A run shorter than this is over before a subscription would be of use.
#define WATCH_AFTER_MS 200

const char *emit_ops_name(enum emit_op_kind kind)
{
    static const char *const names[EMIT_OP__MAX] = {[EMIT_OP_CREATE] = "creation",
                                                    [EMIT_OP_CLAIM] = "claim",
                                                    [EMIT_OP_START] = "start of a step",
                                                    [EMIT_OP_COMPLETE] = "completion of a step",
                                                    [EMIT_OP_RECORD] = "a whole step",
                                                    [EMIT_OP_POST] = "message",
                                                    [EMIT_OP_END] = "ending",
                                                    [EMIT_OP_READ] = "reading of a decision"};
    return names[kind];
}

bool emit_ops_is_step(const struct emit_op *op)
{
    return op->kind == EMIT_OP_START || op->kind == EMIT_OP_COMPLETE || op->kind == EMIT_OP_RECORD;
}

// The write's own body is an object, whose members follow ours.
void emit_ops_print(struct trace_session *s, struct emit_op *op, unsigned form, struct emit_buf *body)
{
    static const char *const lines[EMIT_OP__MAX] = {
        [EMIT_OP_START] = "start", [EMIT_OP_COMPLETE] = "complete", [EMIT_OP_RECORD] = "record"};
    bool is_put = form & EMIT_FORM_PUT, is_line = form & EMIT_FORM_LINE;
    emit_ops_refer(s, op);
    size_t before = body->n;
    emit_json_open(body);
    emit_json_text(body, "op", !is_line ? NULL : is_put ? "put" : lines[op->kind]);
    emit_json_text(body, "id", is_line && op->kind == EMIT_OP_COMPLETE ? op->step_id : NULL);
    emit_json_value(body, "completed", is_put && op->kind == EMIT_OP_COMPLETE ? "true" : NULL);
    if (op->body.n > 2 && body->n > before + 1)
        emit_buf_text(body, ",");
    emit_buf_add(body, op->body.p + 1, op->body.n - 1);
}

static void begun(struct trace_session *s, const struct trace_reply *reply, int64_t now)
{
    s->begun = true;
    s->watch.open_at_ms = now + WATCH_AFTER_MS;
    if (s->json)
        return;
    char stream_id[TRACE_ID_SIZE];
    s->json = emit_answer_session(reply, stream_id);
    if (*stream_id)
        emit_buf_fit(s->stream_id, sizeof s->stream_id, stream_id);
}

static void posted(struct trace_session *s, const struct emit_op *op, const struct trace_reply *reply)
{
    struct emit_posted *p = emit_buf_new(sizeof *p);
    p->client_message_id = emit_buf_copy(op->client_message_id);
    emit_answer_message(reply, p->message_id);
    SLIST_INSERT_HEAD(&s->posted, p, next);
}

void emit_ops_accepted(struct trace_session *s, struct emit_op *op, const struct trace_reply *reply, int64_t now)
{
    switch (op->kind) {
    case EMIT_OP_CREATE:
    case EMIT_OP_CLAIM:
        begun(s, reply, now);
        break;
    case EMIT_OP_POST:
        posted(s, op, reply);
        break;
    case EMIT_OP_READ:
        emit_buf_add(&op->answer, reply->body, reply->body_length);
        break;
    case EMIT_OP_END:
    case EMIT_OP_START:
    case EMIT_OP_COMPLETE:
    case EMIT_OP_RECORD:
    case EMIT_OP__MAX:
        break;
    }
}

void emit_ops_dropped(struct trace_session *s, struct emit_op *op)
{
    if (op->kind == EMIT_OP_START) {
        op->step->lost = true;
        emit_core_step_unlist(op->step);
    } else if (op->kind == EMIT_OP_COMPLETE) {
        op->step->closed = false;
    } else if (op->kind == EMIT_OP_END) {
        s->ending = false;
    }
}

const char *emit_ops_posted(const struct trace_session *s, const char *client_message_id)
{
    const struct emit_posted *p;
    SLIST_FOREACH(p, &s->posted, next)
    {
        if (strcmp(p->client_message_id, client_message_id) == 0 && *p->message_id)
            return p->message_id;
    }
    return NULL;
}

void emit_ops_refer(struct trace_session *s, struct emit_op *op)
{
    if (!op->refer_name)
        return;
    const char *id = emit_ops_posted(s, op->client_message_id);
    if (id)
        emit_body_refer(&op->body, op->refer_name, id);
    op->refer_name = NULL;
}
