// SPDX-License-Identifier: Apache-2.0
// The Agent User Interaction Protocol 1.0 (docs.ag-ui.com): a session is a run. What has no event of its own stands in
// `metadata`, which every event may have. Clients check the order: a run ends only when all that began in it has ended,
// the names of open steps differ, and an optional member is left out, never null.
#include "sse/dialect_parts.h"

#include "base/json_line.h"
#include "base/jw.h"
#include "sse/dialect_print.h"
#include "sse/dialect_read.h"

static void event(struct buf *b, const char *type, int64_t at_ms, struct str agent)
{
    dialect_print_begin(b, type);
    if (at_ms > 0)
        jw_member_i64(b, "timestamp", at_ms);
    dialect_print_text(b, "subagentRunId", agent);
}

static void member_step_name(struct buf *b, const struct dialect_open *open)
{
    jw_key(b, "stepName");
    buf_char(b, '"');
    buf_i64(b, open->number);
    buf_printf(b, ":%s\"", open->type);
}

// The message of a step; a text that was replaced goes on as another one.
static void member_message(struct buf *b, const struct dialect_open *open)
{
    jw_key(b, "messageId");
    buf_char(b, '"');
    buf_str(b, str_from(open->id));
    if (open->version)
        buf_printf(b, ".%u", (unsigned)open->version);
    buf_char(b, '"');
}

static void member_part(struct buf *b, struct str step, const char *suffix)
{
    jw_key(b, "messageId");
    buf_char(b, '"');
    buf_str(b, step);
    buf_printf(b, ".%s\"", suffix);
}

static void message_event(struct buf *b, const char *type, const struct dialect_open *open, const char *role)
{
    event(b, type, 0, str_from(open->agent));
    member_message(b, open);
    jw_member(b, "role", str_from(role));
    dialect_print_end(b);
}

static void begin_text(struct buf *b, const struct dialect_open *open)
{
    if (open->form == FORM_MESSAGE) {
        message_event(b, "TEXT_MESSAGE_START", open, "assistant");
        return;
    }
    message_event(b, "REASONING_START", open, NULL);
    message_event(b, "REASONING_MESSAGE_START", open, "reasoning");
}

static void end_text(struct buf *b, const struct dialect_open *open)
{
    if (open->form == FORM_MESSAGE) {
        message_event(b, "TEXT_MESSAGE_END", open, NULL);
        return;
    }
    message_event(b, "REASONING_MESSAGE_END", open, NULL);
    message_event(b, "REASONING_END", open, NULL);
}

static void start(struct buf *b, const struct dialect_run *run)
{
    event(b, "RUN_STARTED", 0, STR_NONE);
    dialect_print_text(b, "threadId", run->stream.n ? run->stream : run->id);
    dialect_print_text(b, "runId", run->id);
    jw_member(b, "protocolVersion", STR("1.0"));
    jw_key(b, "metadata");
    jw_open(b, '{');
    dialect_print_text(b, "title", run->title);
    jw_member_raw(b, "persona", run->persona);
    dialect_print_text(b, "status", run->status);
    jw_close(b, '}');
    dialect_print_end(b);
}

static void member_metadata(struct buf *b, const struct dialect_step *step)
{
    jw_key(b, "metadata");
    dialect_print_facts(b, step);
    jw_close(b, '}');
}

static void activity(struct buf *b, const struct dialect_step *step, struct str agent)
{
    if (!step->content.n || step->is_cut)
        return;
    event(b, "ACTIVITY_SNAPSHOT", step->ended_ms, agent);
    member_part(b, step->id, "content");
    dialect_print_text(b, "activityType", step->type);
    jw_key(b, "content");
    jw_open(b, '{');
    dialect_print_text(b, "stepId", step->id);
    jw_member_raw(b, "content", step->content);
    jw_close(b, '}');
    jw_member_bool(b, "replace", true);
    dialect_print_end(b);
}

static void open_step(struct buf *b, const struct dialect_step *step, const struct dialect_open *open)
{
    bool is_agent = open->form == FORM_AGENT;
    if (is_agent) {
        event(b, "SUBAGENT_STARTED", step->started_ms, step->id);
        dialect_print_text(b, "name", step->name.n ? step->name : step->type);
        dialect_print_text(b, "parentSubagentRunId", str_from(open->agent));
    } else {
        event(b, "STEP_STARTED", step->started_ms, str_from(open->agent));
        member_step_name(b, open);
    }
    member_metadata(b, step);
    dialect_print_end(b);
    if (dialect_is_text(open))
        begin_text(b, open);
    else if (open->form == FORM_OTHER)
        activity(b, step, str_from(open->agent));
}

static void call(struct buf *b, const struct dialect_open *open, const struct dialect_tool *tool, bool is_start)
{
    struct str agent = str_from(open->agent), id = str_from(open->id);
    if (is_start) {
        event(b, "TOOL_CALL_START", 0, agent);
        dialect_print_text(b, "toolCallId", id);
        dialect_print_text(b, "toolCallName", tool->name);
        dialect_print_end(b);
    }
    if (!tool->args.n)
        return;
    event(b, "TOOL_CALL_ARGS", 0, agent);
    dialect_print_text(b, "toolCallId", id);
    jw_member(b, "delta", tool->args);
    dialect_print_end(b);
    event(b, "TOOL_CALL_END", 0, agent);
    dialect_print_text(b, "toolCallId", id);
    dialect_print_end(b);
}

static void text(struct buf *b, const struct dialect_open *open, struct str piece)
{
    if (dialect_is_text(open)) {
        bool is_message = open->form == FORM_MESSAGE;
        event(b, is_message ? "TEXT_MESSAGE_CONTENT" : "REASONING_MESSAGE_CONTENT", 0, str_from(open->agent));
        member_message(b, open);
        dialect_print_text(b, "delta", piece);
        dialect_print_end(b);
        return;
    }
    event(b, "CUSTOM", 0, str_from(open->agent));
    jw_member(b, "name", STR("progress"));
    jw_key(b, "value");
    jw_open(b, '{');
    dialect_print_text(b, "stepId", str_from(open->id));
    dialect_print_text(b, "delta", piece);
    jw_member_i64(b, "version", open->version);
    jw_close(b, '}');
    dialect_print_end(b);
}

// No event takes a text back: the message ends, and another one has the new text.
static void replace(struct buf *b, const struct dialect_open *open)
{
    if (!dialect_is_text(open))
        return;
    struct dialect_open before = *open;
    before.version--;
    end_text(b, &before);
    event(b, "CUSTOM", 0, str_from(open->agent));
    jw_member(b, "name", STR("text_replaced"));
    jw_key(b, "value");
    jw_open(b, '{');
    dialect_print_text(b, "stepId", str_from(open->id));
    member_message(b, &before);
    jw_close(b, '}');
    dialect_print_end(b);
    begin_text(b, open);
}

// A result is text: a string as it is, anything else as JSON. `failed`: the error's message, with the error's JSON.
static void tool_result(struct buf *b, const struct dialect_open *open, int64_t at_ms, struct str result,
                        struct str failed)
{
    event(b, "TOOL_CALL_RESULT", at_ms, str_from(open->agent));
    member_part(b, str_from(open->id), "result");
    dialect_print_text(b, "toolCallId", str_from(open->id));
    jw_member(b, "role", STR("tool"));
    jw_key(b, "content");
    struct str string = dialect_read_string(result);
    if (failed.n || string.p || !result.n) {
        buf_char(b, '"');
        buf_str(b, failed.n ? failed : string);
        buf_char(b, '"');
    } else {
        jw_string(b, result);
    }
    if (failed.n) {
        jw_key(b, "metadata");
        jw_open(b, '{');
        dialect_print_text(b, "error", failed);
        jw_close(b, '}');
    }
    dialect_print_end(b);
}

static void sources(struct buf *b, const struct dialect_step *step, const struct dialect_open *open)
{
    if (step->sources.n <= 2)
        return;
    event(b, "ACTIVITY_SNAPSHOT", step->ended_ms, str_from(open->agent));
    member_part(b, step->id, "sources");
    jw_member(b, "activityType", STR("SOURCES"));
    jw_key(b, "content");
    jw_open(b, '{');
    dialect_print_text(b, "stepId", step->id);
    jw_member_raw(b, "sources", step->sources);
    jw_close(b, '}');
    jw_member_bool(b, "replace", true);
    dialect_print_end(b);
}

static void end_agent(struct buf *b, const struct dialect_open *open, int64_t at_ms, struct str failed)
{
    event(b, failed.n ? "SUBAGENT_ERROR" : "SUBAGENT_FINISHED", at_ms, str_from(open->id));
    dialect_print_text(b, "message", failed);
    if (!failed.n) {
        jw_key(b, "outcome");
        buf_lit(b, "{\"type\":\"success\"}");
    }
}

static void close_step(struct buf *b, const struct dialect_step *step, const struct dialect_open *open,
                       const struct dialect_tool *tool)
{
    struct str failed = step->error.n ? dialect_print_error_text(step->error, "failed") : STR_NONE;
    if (dialect_is_text(open)) {
        end_text(b, open);
    } else if (open->form == FORM_TOOL) {
        if (str_eq(step->type, STR("tool_error")) && !failed.n)
            failed = dialect_print_error_text(step->content, "The tool failed.");
        tool_result(b, open, step->ended_ms, tool->result, failed);
    } else {
        activity(b, step, str_from(open->form == FORM_AGENT ? open->id : open->agent));
    }
    sources(b, step, open);
    if (open->form == FORM_AGENT) {
        end_agent(b, open, step->ended_ms, failed);
    } else {
        event(b, "STEP_FINISHED", step->ended_ms, str_from(open->agent));
        member_step_name(b, open);
    }
    member_metadata(b, step);
    dialect_print_end(b);
}

static void change(struct buf *b, const struct dialect_step *step)
{
    event(b, "CUSTOM", 0, STR_NONE);
    jw_member(b, "name", STR("step_updated"));
    jw_key(b, "value");
    dialect_print_facts(b, step);
    jw_close(b, '}');
    dialect_print_end(b);
}

static void interrupt(struct buf *b, const struct dialect_open *open)
{
    if (dialect_is_text(open)) {
        end_text(b, open);
    } else if (open->form == FORM_TOOL) {
        if (!open->has_args)
            call(b, open, &(struct dialect_tool){.args = STR("{}")}, false);
        tool_result(b, open, 0, STR_NONE, STR("interrupted"));
    }
    if (open->form == FORM_AGENT) {
        end_agent(b, open, 0, STR("interrupted"));
    } else {
        event(b, "STEP_FINISHED", 0, str_from(open->agent));
        member_step_name(b, open);
    }
    jw_key(b, "metadata");
    dialect_print_open_facts(b, open, "interrupted");
    jw_close(b, '}');
    dialect_print_end(b);
}

static void usage_member(struct buf *b, struct str usage)
{
    static const struct {
        const char *ours, *theirs;
    } names[] = {{"inputTokens", "inputTokens"},           {"outputTokens", "outputTokens"},
                 {"totalTokens", "totalTokens"},           {"reasoningTokens", "reasoningTokens"},
                 {"cacheReadTokens", "cachedInputTokens"}, {"cacheWriteTokens", "cacheWriteInputTokens"}};
    struct str model = dialect_read_string(json_line_member(usage, STR("model")));
    if (usage.n <= 2)
        return;
    jw_key(b, "usage");
    jw_open(b, '[');
    jw_open(b, '{');
    dialect_print_text(b, "model", model);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        jw_member_raw(b, names[i].theirs, json_line_member(usage, str_from(names[i].ours)));
    jw_close(b, '}');
    jw_close(b, ']');
}

static void end(struct buf *b, const struct dialect_run *run)
{
    if (str_eq(run->status, STR("failed"))) {
        event(b, "RUN_ERROR", 0, STR_NONE);
        dialect_print_text(b, "message", dialect_print_error_text(run->error, "The session failed."));
        dialect_print_text(b, "code", dialect_read_string(json_line_member(run->error, STR("code"))));
    } else {
        bool is_cancelled = str_eq(run->status, STR("cancelled"));
        event(b, "RUN_FINISHED", 0, STR_NONE);
        dialect_print_text(b, "threadId", run->stream.n ? run->stream : run->id);
        dialect_print_text(b, "runId", run->id);
        jw_member_raw(b, "outcome", is_cancelled ? STR("{\"type\":\"cancelled\"}") : STR("{\"type\":\"success\"}"));
    }
    usage_member(b, run->usage);
    jw_key(b, "metadata");
    dialect_print_outcome(b, run);
    dialect_print_end(b);
}

static void fail(struct buf *b, struct str code, struct str message)
{
    event(b, "RUN_ERROR", 0, STR_NONE);
    jw_member(b, "message", message);
    jw_member(b, "code", code);
    dialect_print_end(b);
}

const struct dialect_printer dialect_ag_ui = {
    .headers = "",
    .done = "",
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
