// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_body.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "emitter/emit_id.h"
#include "emitter/emit_json.h"
#include "emitter/emit_sources.h"

// A text for people that exceeds the server's limits is cut: it must not cost the write that it belongs to.
enum { TITLE_MAX = 2000, NAME_BYTES_MAX = 400, MODEL_MAX = 200, CODE_MAX = 64, MESSAGE_MAX = 4000 };

#define ID_OR_NONE(text, prefix) (!(text) || emit_id_is((text), (prefix)))

// Returns 0 if json is an object, or a string where that is allowed.
static int check_json(const char *json, bool string_too)
{
    if (!json)
        return 0;
    json_t *value = emit_json_read(json, strlen(json), JSON_DECODE_ANY);
    bool right = json_is_object(value) || (string_too && json_is_string(value));
    json_decref(value);
    return right ? 0 : -1;
}

static int add_content(struct emit_buf *b, const char *text, const char *json)
{
    if ((text && json) || check_json(json, true) != 0)
        return -1;
    if ((text && strlen(text) > TRACE_CONTENT_MAX) || (json && strlen(json) > TRACE_CONTENT_MAX))
        return -1;
    emit_json_text(b, "content", text);
    emit_json_value(b, "content", json);
    return 0;
}

static bool is_type(const char *type)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz", others[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    return type && *type && strchr(letters, *type) && strspn(type, others) == strlen(type) && strlen(type) <= 64;
}

static int add_usage(struct emit_buf *b, const struct trace_usage *u)
{
    if (!u)
        return 0;
    if (u->input_tokens < 0 || u->output_tokens < 0 || u->reasoning_tokens < 0 || !isfinite(u->cost_usd) ||
        u->cost_usd < 0)
        return -1;
    emit_json_name(b, "usage");
    emit_json_open(b);
    emit_json_cut(b, "model", u->model, MODEL_MAX);
    emit_json_number(b, "inputTokens", u->input_tokens);
    emit_json_number(b, "outputTokens", u->output_tokens);
    emit_json_number(b, "reasoningTokens", u->reasoning_tokens);
    if (u->cost_usd > 0) {
        // The cost is printed in millionths, so that no locale's decimal comma gets in.
        char cost[48];
        double whole = floor(u->cost_usd);
        long micro = lround((u->cost_usd - whole) * 1e6);
        snprintf(cost, sizeof cost, "%.0f.%06ld", micro == 1000000 ? whole + 1 : whole, micro % 1000000);
        emit_json_value(b, "costUsd", cost);
    }
    emit_json_close(b);
    return 0;
}

static void add_error(struct emit_buf *b, const char *code, const char *message)
{
    emit_json_name(b, "error");
    emit_json_open(b);
    emit_json_cut(b, "code", code && *code ? code : "failed", CODE_MAX);
    emit_json_cut(b, "message", message ? message : "", MESSAGE_MAX);
    emit_json_close(b);
}

static int add_start(struct emit_buf *b, const struct trace_step_spec *spec, const char *id, const char *parent_id)
{
    if (!is_type(spec->type) || !emit_id_is(id, "stp_"))
        return -1;
    emit_json_open(b);
    emit_json_text(b, "id", id);
    emit_json_text(b, "stepType", spec->type);
    emit_json_cut(b, "name", spec->name, NAME_BYTES_MAX);
    emit_json_text(b, "parentStepId", parent_id);
    emit_json_time(b, "startedAt", spec->started_at_ms);
    return 0;
}

static int add_outcome(struct emit_buf *b, const struct trace_outcome *o, struct emit_closing *closing)
{
    if (o->error_code || o->error_message)
        add_error(b, o->error_code, o->error_message);
    if (emit_id_is(o->message_id, "msg_"))
        emit_json_text(b, "messageId", o->message_id);
    emit_sources_add(b, o->sources, o->source_count, &closing->sources_dropped);
    emit_json_time(b, "completedAt", o->completed_at_ms);
    return add_usage(b, o->usage);
}

int emit_body_create(struct emit_buf *b, const struct trace_session_spec *spec, const char *id)
{
    if (!emit_id_is(id, "ses_") || !ID_OR_NONE(spec->stream_id, "str_") ||
        !ID_OR_NONE(spec->trigger_message_id, "msg_") || check_json(spec->metadata_json, false) != 0)
        return -1;
    emit_json_open(b);
    emit_json_text(b, "id", id);
    emit_json_text(b, "streamId", spec->stream_id);
    emit_json_text(b, "triggerMessageId", spec->trigger_message_id);
    emit_json_cut(b, "title", spec->title, TITLE_MAX);
    emit_json_value(b, "metadata", spec->metadata_json);
    emit_json_time(b, "startedAt", spec->started_at_ms);
    emit_json_close(b);
    return 0;
}

int emit_body_claim(struct emit_buf *b, const char *worker_id)
{
    if (!worker_id || !*worker_id)
        return -1;
    emit_json_open(b);
    emit_json_text(b, "workerId", worker_id);
    emit_json_close(b);
    return 0;
}

int emit_body_start(struct emit_buf *b, const struct trace_step_spec *spec, const char *id, const char *parent_id)
{
    if (add_start(b, spec, id, parent_id) != 0 || add_content(b, spec->text, spec->content_json) != 0)
        return -1;
    emit_json_close(b);
    return 0;
}

int emit_body_complete(struct emit_buf *b, const struct trace_outcome *o, struct emit_closing *closing)
{
    emit_json_open(b);
    if (add_content(b, o->text, o->content_json) != 0 || add_outcome(b, o, closing) != 0)
        return -1;
    if (!o->text && !o->content_json && closing->streamed && closing->streamed->n) {
        emit_json_name(b, "content");
        emit_json_string(b, closing->streamed->p, closing->streamed->n);
    }
    emit_json_close(b);
    return 0;
}

int emit_body_record(struct emit_buf *b, const struct trace_step_spec *spec, const char *id, const char *parent_id,
                     const struct trace_outcome *o, struct emit_closing *closing)
{
    bool told = o->text || o->content_json;
    if (add_start(b, spec, id, parent_id) != 0)
        return -1;
    emit_json_value(b, "completed", "true");
    if (add_content(b, told ? o->text : spec->text, told ? o->content_json : spec->content_json) != 0 ||
        add_outcome(b, o, closing) != 0)
        return -1;
    emit_json_close(b);
    return 0;
}

int emit_body_post(struct emit_buf *b, const struct trace_message_spec *spec, const char *session_id,
                   const char *client_message_id, struct emit_closing *closing)
{
    if (!spec->content || !*spec->content)
        return -1;
    emit_json_open(b);
    emit_json_text(b, "content", spec->content);
    emit_json_text(b, "clientMessageId", client_message_id);
    emit_json_text(b, "sessionId", session_id);
    emit_sources_add(b, spec->sources, spec->source_count, &closing->sources_dropped);
    emit_json_close(b);
    return 0;
}

int emit_body_finish(struct emit_buf *b, const char *response_message_id, int64_t seen_seq)
{
    if (seen_seq < 0)
        return -1;
    emit_json_open(b);
    if (emit_id_is(response_message_id, "msg_"))
        emit_json_text(b, "responseMessageId", response_message_id);
    emit_json_number(b, "seenSeq", seen_seq);
    emit_json_close(b);
    return 0;
}

int emit_body_fail(struct emit_buf *b, const char *code, const char *message)
{
    if (!code || !*code)
        return -1;
    emit_json_open(b);
    add_error(b, code, message);
    emit_json_close(b);
    return 0;
}

void emit_body_refer(struct emit_buf *b, const char *name, const char *message_id)
{
    emit_buf_cut(b, b->n - 1);
    emit_json_text(b, name, message_id);
    emit_json_close(b);
}
