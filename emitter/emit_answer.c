// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_answer.h"

#include <string.h>

#include "emitter/emit_buf.h"
#include "emitter/emit_json.h"

static json_t *read_body(const struct trace_reply *reply)
{
    return reply->body ? emit_json_read(reply->body, reply->body_length, 0) : NULL;
}

static const char *member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

void emit_answer_problem(const struct trace_reply *reply, struct trace_error *out)
{
    json_t *body = read_body(reply);
    *out = (struct trace_error){.status = reply->status};
    const char *detail = member(body, "detail");
    emit_buf_fit(out->code, sizeof out->code, member(body, "code"));
    if (strcmp(out->code, "session_ended") == 0 && member(body, "sessionStatus"))
        detail = member(body, "sessionStatus");
    emit_buf_fit(out->detail, sizeof out->detail, detail ? detail : member(body, "title"));
    emit_buf_fit(out->session_id, sizeof out->session_id, member(body, "sessionId"));
    json_decref(body);
}

char *emit_answer_session(const struct trace_reply *reply, char stream_id[TRACE_ID_SIZE])
{
    json_t *body = read_body(reply);
    json_t *session = json_object_get(body, "session");
    struct emit_buf text = {0};
    size_t n = 0;
    // Not printed anew, which would lose digits of large numbers.
    const char *said =
        json_is_object(session) ? emit_json_member(reply->body, reply->body_length, "session", &n) : NULL;
    if (said)
        emit_buf_add(&text, said, n);
    emit_buf_fit(stream_id, TRACE_ID_SIZE, member(session, "streamId"));
    json_decref(body);
    return text.p;
}

void emit_answer_message(const struct trace_reply *reply, char id[TRACE_ID_SIZE])
{
    json_t *body = read_body(reply);
    emit_buf_fit(id, TRACE_ID_SIZE, member(json_object_get(body, "message"), "id"));
    json_decref(body);
}

const char *emit_answer_decision(const char *json, size_t n, char status[16], struct trace_decision *out)
{
    json_t *body = emit_json_read(json, n, 0);
    const json_t *step = json_object_get(body, "step");
    const json_t *decision = json_object_get(json_object_get(step, "content"), "decision");
    emit_buf_fit(status, 16, member(step, "status"));
    emit_buf_fit(out->option, sizeof out->option, member(decision, "option"));
    emit_buf_fit(out->note, sizeof out->note, member(decision, "note"));
    emit_buf_fit(out->decided_by, sizeof out->decided_by, member(json_object_get(decision, "decidedBy"), "id"));
    json_decref(body);
    return status;
}
