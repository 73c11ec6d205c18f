// SPDX-License-Identifier: Apache-2.0
// The UI message stream of the AI SDK, version 1 (ai-sdk.dev, "AI SDK UI", "Stream Protocols"): a session is one
// message of the assistant, with the session's id. The protocol knows no tree and no duration, so that each step also
// is a part "data-step", whose id is the step's; the same part again replaces it.
#include "sse/dialect_parts.h"

#include "base/json_line.h"
#include "base/jw.h"
#include "sse/dialect_print.h"
#include "sse/dialect_read.h"

static void part(struct buf *b, const char *type, const char *key, struct str id)
{
    dialect_print_begin(b, type);
    dialect_print_text(b, key, id);
}

static void text_part(struct buf *b, const struct dialect_open *open, const char *reasoning, const char *message)
{
    part(b, open->form == FORM_MESSAGE ? message : reasoning, "id", str_from(open->id));
}

static void whole_text_part(struct buf *b, const struct dialect_open *open, const char *reasoning, const char *message)
{
    text_part(b, open, reasoning, message);
    dialect_print_end(b);
}

static void begin_step(struct buf *b, struct str id)
{
    part(b, "data-step", "id", id);
    jw_key(b, "data");
}

static void end_step(struct buf *b)
{
    jw_close(b, '}');
    dialect_print_end(b);
}

static void start(struct buf *b, const struct dialect_run *run)
{
    part(b, "start", "messageId", run->id);
    jw_key(b, "messageMetadata");
    jw_open(b, '{');
    dialect_print_text(b, "sessionId", run->id);
    dialect_print_text(b, "streamId", run->stream);
    dialect_print_text(b, "title", run->title);
    jw_member_raw(b, "persona", run->persona);
    dialect_print_text(b, "status", run->status);
    jw_close(b, '}');
    dialect_print_end(b);
    dialect_print_begin(b, "start-step");
    dialect_print_end(b);
}

static void open_step(struct buf *b, const struct dialect_step *step, const struct dialect_open *open)
{
    begin_step(b, step->id);
    dialect_print_facts(b, step);
    if (open->form == FORM_OTHER && !step->is_cut)
        jw_member_raw(b, "content", step->content);
    end_step(b);
    if (dialect_is_text(open))
        whole_text_part(b, open, "reasoning-start", "text-start");
}

// The agent calls its tools itself: the client is not to.
static void call(struct buf *b, const struct dialect_open *open, const struct dialect_tool *tool, bool is_start)
{
    bool has_args = tool->args.n > 0;
    if (!has_args && !is_start)
        return;
    part(b, has_args ? "tool-input-available" : "tool-input-start", "toolCallId", str_from(open->id));
    dialect_print_text(b, "toolName", tool->name);
    jw_member_raw(b, "input", tool->args);
    jw_member_bool(b, "dynamic", true);
    jw_member_bool(b, "providerExecuted", true);
    dialect_print_end(b);
}

static void text(struct buf *b, const struct dialect_open *open, struct str piece)
{
    if (dialect_is_text(open)) {
        text_part(b, open, "reasoning-delta", "text-delta");
        dialect_print_text(b, "delta", piece);
        dialect_print_end(b);
        return;
    }
    dialect_print_begin(b, "data-progress");
    jw_key(b, "data");
    jw_open(b, '{');
    dialect_print_text(b, "stepId", str_from(open->id));
    dialect_print_text(b, "delta", piece);
    jw_member_i64(b, "version", open->version);
    jw_close(b, '}');
    jw_member_bool(b, "transient", true);
    dialect_print_end(b);
}

// The text of before stays in a part of its own, as no part can be taken back.
static void replace(struct buf *b, const struct dialect_open *open)
{
    if (!dialect_is_text(open))
        return;
    whole_text_part(b, open, "reasoning-end", "text-end");
    whole_text_part(b, open, "reasoning-start", "text-start");
}

struct sources_of {
    struct buf *b;
    struct str step;
};

static void print_source(void *context, size_t i, struct str source)
{
    struct sources_of *to = context;
    struct str url = dialect_read_string(json_line_member(source, STR("url")));
    struct str title = dialect_read_string(json_line_member(source, STR("title")));
    dialect_print_begin(to->b, url.n ? "source-url" : "source-document");
    jw_key(to->b, "sourceId");
    buf_char(to->b, '"');
    buf_str(to->b, to->step);
    buf_printf(to->b, ".%zu\"", i + 1);
    if (!url.n)
        jw_member(to->b, "mediaType", STR("text/plain"));
    dialect_print_text(to->b, "url", url);
    jw_key(to->b, "title");
    buf_char(to->b, '"');
    buf_str(to->b, title);
    buf_char(to->b, '"');
    jw_key(to->b, "providerMetadata");
    buf_lit(to->b, "{\"agentTrace\":");
    buf_str(to->b, source);
    buf_char(to->b, '}');
    dialect_print_end(to->b);
}

static void tool_error(struct buf *b, const struct dialect_open *open, struct str message)
{
    part(b, "tool-output-error", "toolCallId", str_from(open->id));
    dialect_print_text(b, "errorText", message);
    jw_member_bool(b, "dynamic", true);
    jw_member_bool(b, "providerExecuted", true);
    dialect_print_end(b);
}

static void end_tool(struct buf *b, const struct dialect_step *step, const struct dialect_open *open,
                     const struct dialect_tool *tool)
{
    if (step->error.n || str_eq(step->type, STR("tool_error"))) {
        struct str said = step->error.n ? step->error : step->content;
        tool_error(b, open, dialect_print_error_text(said, "The tool failed."));
        return;
    }
    part(b, "tool-output-available", "toolCallId", str_from(open->id));
    jw_member_raw(b, "output", tool->result.n ? tool->result : STR("null"));
    jw_member_bool(b, "dynamic", true);
    jw_member_bool(b, "providerExecuted", true);
    dialect_print_end(b);
}

static void close_step(struct buf *b, const struct dialect_step *step, const struct dialect_open *open,
                       const struct dialect_tool *tool)
{
    struct sources_of to = {b, step->id};
    if (dialect_is_text(open))
        whole_text_part(b, open, "reasoning-end", "text-end");
    else if (open->form == FORM_TOOL)
        end_tool(b, step, open, tool);
    dialect_print_each(step->sources, print_source, &to);
    begin_step(b, step->id);
    dialect_print_facts(b, step);
    if (open->form == FORM_OTHER || open->form == FORM_AGENT)
        jw_member_raw(b, "content", step->content);
    end_step(b);
}

static void change(struct buf *b, const struct dialect_step *step)
{
    enum dialect_form form = dialect_read_form(step->type);
    begin_step(b, step->id);
    dialect_print_facts(b, step);
    if ((form == FORM_OTHER || form == FORM_AGENT) && !step->is_cut)
        jw_member_raw(b, "content", step->content);
    end_step(b);
}

static void interrupt(struct buf *b, const struct dialect_open *open)
{
    if (dialect_is_text(open)) {
        whole_text_part(b, open, "reasoning-end", "text-end");
    } else if (open->form == FORM_TOOL) {
        struct dialect_tool tool = {.name = str_from(*open->name ? open->name : open->type), .args = STR("{}")};
        if (!open->has_args)
            call(b, open, &tool, false);
        tool_error(b, open, STR("interrupted"));
    }
    begin_step(b, str_from(open->id));
    dialect_print_open_facts(b, open, "interrupted");
    end_step(b);
}

static void end(struct buf *b, const struct dialect_run *run)
{
    bool has_failed = str_eq(run->status, STR("failed")), is_cancelled = str_eq(run->status, STR("cancelled"));
    dialect_print_begin(b, "finish-step");
    dialect_print_end(b);
    dialect_print_begin(b, has_failed || is_cancelled ? "message-metadata" : "finish");
    if (!has_failed && !is_cancelled)
        jw_member(b, "finishReason", STR("stop"));
    jw_key(b, "messageMetadata");
    dialect_print_outcome(b, run);
    dialect_print_end(b);
    if (has_failed) {
        dialect_print_begin(b, "error");
        dialect_print_text(b, "errorText", dialect_print_error_text(run->error, "The session failed."));
        dialect_print_end(b);
    } else if (is_cancelled) {
        dialect_print_begin(b, "abort");
        jw_member(b, "reason", STR("cancelled"));
        dialect_print_end(b);
    }
}

static void fail(struct buf *b, struct str code, struct str message)
{
    (void)code;
    dialect_print_begin(b, "error");
    jw_member(b, "errorText", message);
    dialect_print_end(b);
}

const struct dialect_printer dialect_ai_sdk = {
    .headers = "x-vercel-ai-ui-message-stream: v1\r\n",
    .done = "data: [DONE]\n\n",
    .start = start,
    .open = open_step,
    .call = call,
    .text = text,
    .replace = replace,
    .close = close_step,
    .change = change,
    .interrupt = interrupt,
    .end = end,
    .fail = fail,
};
