// SPDX-License-Identifier: Apache-2.0
#include "agent/toolwork.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "agent/lent.h"
#include "agent/mask.h"
#include "agent/prompt.h"
#include "agent/question.h"
#include "agent/record.h"
#include "agent/tools.h"
#include "agent/visible.h"
#include "agent/visit.h"
#include "base/id.h"
#include "base/utf8.h"
#include "base/buf.h"

#define ID_LENGTH 9 // what the strictest server takes: so many letters and digits

static const char id_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789";

// The id that a call goes back with: the server's own, unless it gave none, or gave it before.
static json_t *id_of(struct run *run, struct call *call)
{
    struct buf id = {0};
    buf_str(&id, buf_view(&call->id));
    while (id.n == 0 || json_object_get(run->call_ids, buf_cstr(&id))) {
        buf_clear(&id);
        for (int i = 0; i < ID_LENGTH; i++)
            buf_char(&id, id_characters[id_random_below(sizeof id_characters - 1)]);
    }
    json_object_set_new(run->call_ids, buf_cstr(&id), json_true());
    json_t *string = json_stringn(buf_cstr(&id), id.n);
    buf_fini(&id);
    return string;
}

// The model's calls, as they must be given back to it. Malformed arguments would be refused by its server.
static json_t *describe_calls(struct run *run, struct reply *reply)
{
    json_t *list = json_array();
    for (size_t i = 0; i < reply->calls.count; i++) {
        struct call *call = &reply->calls.list[i];
        json_t *arguments = json_loadb(buf_cstr(&call->arguments), call->arguments.n, 0, NULL);
        json_t *described = json_pack("{s:o, s:s, s:{s:s, s:s}}", "id", id_of(run, call), "type", "function",
                                      "function", "name", call->name.n > 0 ? buf_cstr(&call->name) : "unknown",
                                      "arguments", json_is_object(arguments) ? buf_cstr(&call->arguments) : "{}");
        if (call->extra)
            json_object_update_missing(described, call->extra);
        json_array_append_new(list, described);
        json_decref(arguments);
    }
    return list;
}

// What the model said, with whatever its server needs to have back: thinking that belongs to the calls, signatures.
static json_t *own_message(struct reply *reply, json_t *calls)
{
    json_t *message = prompt_assistant(buf_cstr(&reply->content), calls);
    if (reply->extra)
        json_object_update_missing(message, reply->extra);
    if (reply->parts) {
        json_t *parts = json_deep_copy(reply->parts);
        if (reply->content.n > 0)
            json_array_append_new(parts, json_pack("{s:s, s:s}", "type", "text", "text", buf_cstr(&reply->content)));
        json_object_set_new(message, "content", parts);
    }
    return message;
}

static void record_misuse(struct run *run, const char *name, const char *message, const char *details)
{
    json_t *content = json_pack("{s:s, s:s, s:s}", "tool", name, "message", message, "details", details);
    record_whole(run->session, run->reconsidering, "tool_error", content);
    json_decref(content);
}

static bool is_visit_approved(struct run *run, const char *url, struct tools_result *result)
{
    struct buf question = {0}, note = {0}, sentence = {0};
    buf_lit(&question, "May I visit this page? Nobody named its address: ");
    if (visible_add_first(&question, str_from(url), QUESTION_CHARACTERS))
        buf_lit(&question, "… (cut; the trace shows all of it)");
    json_t *content = json_pack("{s:s, s:s}", "question", buf_cstr(&question), "url", url);
    enum question_end end = question_ask(run, content, QUESTION_SECONDS, &note);
    if (end != QUESTION_APPROVED) {
        const char *code = question_refusal(end, &note, &sentence);
        char *masked = mask_string(buf_cstr(&sentence));
        tools_fail(result, code, "%s", masked);
        free(masked);
    }
    json_decref(content);
    buf_fini(&question);
    buf_fini(&note);
    buf_fini(&sentence);
    return end == QUESTION_APPROVED;
}

// The address is the model's own word, in which it could carry out what it has read. False: the result says why not.
static bool may_visit(struct run *run, const char *url, struct tools_scene *scene, struct tools_result *result)
{
    const struct settings *settings = run->settings;
    bool is_listed = visit_is_listed(settings->visit_hosts, url);
    enum visit_ground ground = is_listed ? VISIT_HOST : VISIT_UNKNOWN;
    if (settings->visits == VISITS_HOSTS && !is_listed) {
        tools_fail(result, "not_allowed", "Pages of this host are not read: it is not on the list.");
        return false;
    }
    enum visit_ground found = visit_ground(run->messages, url);
    if (settings->visits == VISITS_ASKED && found > ground)
        ground = found;
    scene->stays = ground == VISIT_HOST;
    return ground != VISIT_UNKNOWN || is_visit_approved(run, url, result);
}

static void use(struct run *run, const struct tool *tool, const char *value, struct buf *output)
{
    struct tools_scene scene = {
        .settings = run->settings, .rest = &run->rest, .stream_id = run->stream_id, .trigger_id = run->trigger_id};
    json_t *content = json_pack("{s:s}", tool->argument, value);
    struct tools_result result = {0};
    bool may_run = !tool->reaches_out || may_visit(run, value, &scene, &result);
    struct trace_step *step = record_start(run->session, run->reconsidering, tool->step_type, content);
    if (may_run)
        tools_run(tool, &scene, value, &result);
    else
        buf_printf(&result.output, "Error: %s", result.sentence);
    sources_add(run->sources, result.sources);
    record_end(step, &(struct record_outcome){.content = result.content,
                                              .sources = result.sources,
                                              .error_code = result.error,
                                              .error_sentence = result.sentence});
    utf8_mend(output, (struct str){buf_cstr(&result.output), result.output.n});
    tools_result_fini(&result);
    json_decref(content);
}

static void do_call(struct run *run, struct call *call, const char *id, bool is_written)
{
    const char *name = buf_cstr(&call->name), *reason;
    const struct tool *tool = tools_find(run->settings, name);
    struct buf output = {0};
    char *value = NULL;
    if (!tool && lent_use(run, name, buf_cstr(&call->arguments), is_written, &output)) {
        ;
    } else if (!tool) {
        record_misuse(run, name, "There is no such tool.", buf_cstr(&call->arguments));
        buf_lit(&output, "Error: there is no such tool.");
    } else if (!(value = tools_argument(tool, buf_cstr(&call->arguments), &reason))) {
        record_misuse(run, name, "The tool was called wrongly.", reason);
        buf_printf(&output, "Error: %s.", reason);
    } else {
        use(run, tool, value, &output);
    }
    json_array_append_new(run->messages, prompt_tool_output(id, name, buf_cstr(&output)));
    free(value);
    buf_fini(&output);
}

void toolwork_do(struct run *run, struct reply *reply)
{
    json_t *calls = describe_calls(run, reply);
    json_array_append_new(run->messages, own_message(reply, calls));
    for (size_t i = 0; i < reply->calls.count && !run_is_stopped(run); i++)
        do_call(run, &reply->calls.list[i], json_string_value(json_object_get(json_array_get(calls, i), "id")),
                reply->is_written);
    json_decref(calls);
}
