// SPDX-License-Identifier: Apache-2.0
#include "agent/demo/script.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/demo/fault.h"
#include "agent/demo/plan.h"
#include "base/utf8.h"
#include "base/buf.h"

#define FIRST_TOKEN_MS 60
#define SLOW_MS 200
#define TOKENS_BEFORE_FAULT 5
#define HUGE_LINE (3u << 20)
#define CREATED 1700000000 // the same reply every time

struct telling {
    struct script *script;
    enum fault fault;
    int pace_ms;
    int delay_ms; // before the next frame
    size_t tokens;
    bool is_broken; // the fault has happened: nothing more is said
};

static struct buf *add_frame(struct script *script, int delay_ms)
{
    if (script->count == script->room) {
        script->room = script->room > 0 ? script->room * 2 : 64;
        script->frame = realloc(script->frame, script->room * sizeof *script->frame);
        if (!script->frame)
            abort();
    }
    script->frame[script->count] = (struct script_frame){.delay_ms = delay_ms};
    return &script->frame[script->count++].bytes;
}

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {400, "Bad Request"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {413, "Content Too Large"},
                   {429, "Too Many Requests"},
                   {500, "Internal Server Error"}};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Error";
}

static void write_json(struct script *script, int status, const char *headers, json_t *take_body)
{
    char *body = json_dumps(take_body, JSON_COMPACT);
    if (!body)
        abort();
    buf_printf(add_frame(script, 0),
               "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n%s\r\n%s", status,
               reason_of(status), headers, strlen(body), script->end == SCRIPT_KEEP ? "" : "Connection: close\r\n",
               body);
    free(body);
    json_decref(take_body);
}

static void write_error(struct script *script, int status, const char *headers)
{
    write_json(script, status, headers,
               json_pack("{s:{s:s, s:s}}", "error", "message", reason_of(status), "type", "demo_error"));
}

static void tell_raw(struct telling *t, const char *data, size_t n)
{
    struct buf *bytes = add_frame(t->script, t->delay_ms);
    buf_printf(bytes, "%zx\r\ndata: ", n + 8);
    buf_bytes(bytes, data, n);
    buf_lit(bytes, "\n\n\r\n");
    t->delay_ms = t->pace_ms;
}

// Adds one chunk of the stream with this delta; the reference is taken.
static void tell(struct telling *t, json_t *take_delta, const char *finish_reason)
{
    json_t *chunk = json_pack("{s:s, s:s, s:i, s:s, s:[{s:i, s:o, s:s?}]}", "id", "chatcmpl-demo", "object",
                              "chat.completion.chunk", "created", CREATED, "model", "demo", "choices", "index", 0,
                              "delta", take_delta, "finish_reason", finish_reason);
    char *printed = json_dumps(chunk, JSON_COMPACT);
    if (!printed)
        abort();
    tell_raw(t, printed, strlen(printed));
    free(printed);
    json_decref(chunk);
}

static void break_down(struct telling *t)
{
    static const char malformed[] = "{\"choices\":[{\"delta\":{\"content\":";
    struct buf line = {0};
    t->is_broken = true;
    if (t->fault == FAULT_MALFORMED) {
        tell_raw(t, malformed, sizeof malformed - 1);
    } else if (t->fault == FAULT_HUGE) {
        for (size_t i = 0; i < HUGE_LINE / 16; i++)
            buf_lit(&line, "a very long line");
        tell_raw(t, line.p, line.n);
        buf_fini(&line);
    }
    t->script->end = t->fault == FAULT_STALL ? SCRIPT_HANG : SCRIPT_CLOSE;
}

static bool breaks_midway(enum fault fault)
{
    return fault == FAULT_STALL || fault == FAULT_CUT || fault == FAULT_MALFORMED || fault == FAULT_HUGE;
}

// Adds the text word by word, each with the blanks before it.
static void tell_text(struct telling *t, const char *key, const char *text)
{
    while (*text != '\0' && !t->is_broken) {
        size_t blanks = strspn(text, " \n"), n = blanks + strcspn(text + blanks, " \n");
        tell(t, json_pack("{s:s%}", key, text, n), NULL);
        text += n;
        if (++t->tokens >= TOKENS_BEFORE_FAULT && breaks_midway(t->fault))
            break_down(t);
    }
}

// The arguments come in two pieces, as they do from real models.
static void tell_call(struct telling *t, struct plan *plan)
{
    json_t *object = json_pack("{s:s}", plan->argument, buf_cstr(&plan->value));
    char *arguments = json_dumps(object, JSON_COMPACT);
    size_t half = strlen(arguments) / 2;
    const char *tool = t->fault == FAULT_BAD_TOOL ? "read_minds" : plan->tool;
    half = utf8_prefix((struct str){arguments, strlen(arguments)}, half).n;
    tell(t,
         json_pack("{s:[{s:i, s:s, s:s, s:{s:s, s:s}}]}", "tool_calls", "index", 0, "id", "call_demo", "type",
                   "function", "function", "name", tool, "arguments", ""),
         NULL);
    tell(t, json_pack("{s:[{s:i, s:{s:s%}}]}", "tool_calls", "index", 0, "function", "arguments", arguments, half),
         NULL);
    if (t->fault != FAULT_BAD_ARGS)
        tell(t, json_pack("{s:[{s:i, s:{s:s}}]}", "tool_calls", "index", 0, "function", "arguments", arguments + half),
             NULL);
    free(arguments);
    json_decref(object);
}

static json_t *usage_of(struct request *request, size_t tokens)
{
    return json_pack("{s:I, s:I, s:I}", "prompt_tokens", (json_int_t)(request->body.n / 4), "completion_tokens",
                     (json_int_t)tokens, "total_tokens", (json_int_t)(request->body.n / 4 + tokens));
}

static void tell_usage(struct telling *t, struct request *request)
{
    json_t *chunk =
        json_pack("{s:s, s:s, s:i, s:s, s:[], s:o}", "id", "chatcmpl-demo", "object", "chat.completion.chunk",
                  "created", CREATED, "model", "demo", "choices", "usage", usage_of(request, t->tokens));
    char *printed = json_dumps(chunk, JSON_COMPACT);
    if (!printed)
        abort();
    t->delay_ms = 0;
    tell_raw(t, printed, strlen(printed));
    t->delay_ms = 0;
    tell_raw(t, "[DONE]", 6);
    buf_lit(add_frame(t->script, 0), "0\r\n\r\n");
    free(printed);
    json_decref(chunk);
}

static void write_stream(struct script *script, struct request *request, struct plan *plan, enum fault fault,
                         int pace_ms)
{
    struct telling t = {.script = script, .fault = fault, .pace_ms = fault == FAULT_SLOW ? SLOW_MS : pace_ms};
    buf_printf(add_frame(script, 0),
               "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
               "Transfer-Encoding: chunked\r\n%s\r\n",
               script->end == SCRIPT_KEEP ? "" : "Connection: close\r\n");
    tell(&t, json_pack("{s:s}", "role", "assistant"), NULL);
    t.delay_ms = pace_ms > 0 ? FIRST_TOKEN_MS : 0;
    tell_text(&t, "reasoning_content", buf_cstr(&plan->reasoning));
    if (fault == FAULT_SECRET)
        tell_text(&t, "reasoning_content", " The key is sk-proj-Zx81QmN4vTr6LwY2bKd9 they say.");
    if (t.is_broken)
        return;
    t.pace_ms /= 2; // written faster than thought
    if (plan->tool)
        tell_call(&t, plan);
    else if (fault != FAULT_EMPTY)
        tell_text(&t, "content", buf_cstr(&plan->content));
    tell(&t, json_object(), plan->tool ? "tool_calls" : "stop");
    tell_usage(&t, request);
}

static void write_whole(struct script *script, struct request *request, struct plan *plan)
{
    json_t *message = json_pack("{s:s, s:s, s:s}", "role", "assistant", "reasoning_content", buf_cstr(&plan->reasoning),
                                "content", buf_cstr(&plan->content)),
           *object = json_pack("{s:s}", plan->tool ? plan->argument : "none", buf_cstr(&plan->value));
    char *arguments = json_dumps(object, JSON_COMPACT);
    if (plan->tool)
        json_object_set_new(message, "tool_calls",
                            json_pack("[{s:s, s:s, s:{s:s, s:s}}]", "id", "call_demo", "type", "function", "function",
                                      "name", plan->tool, "arguments", arguments));
    write_json(script, 200, "",
               json_pack("{s:s, s:s, s:i, s:s, s:[{s:i, s:o, s:s}], s:o}", "id", "chatcmpl-demo", "object",
                         "chat.completion", "created", CREATED, "model", "demo", "choices", "index", 0, "message",
                         message, "finish_reason", plan->tool ? "tool_calls" : "stop", "usage",
                         usage_of(request, plan->content.n / 5 + 1)));
    free(arguments);
    json_decref(object);
}

// Applies faults that change the plan rather than the wire. A bad call is made once: after its output the plan goes on.
static enum fault bend(struct plan *plan, enum fault fault, struct request *request)
{
    bool has_output = request->body.n > 0 && strstr(buf_cstr(&request->body), "\"role\":\"tool\"");
    if (fault == FAULT_TOOLS && !plan->tool) {
        buf_clear(&plan->content);
        buf_lit(&plan->value, "again");
        plan->tool = "workspace_search";
        plan->argument = "query";
    }
    if (fault == FAULT_EMPTY)
        plan->tool = NULL;
    return (fault == FAULT_BAD_TOOL || fault == FAULT_BAD_ARGS) && has_output ? FAULT_NONE : fault;
}

static void write_completion(struct script *script, struct request *request, const struct script_style *style)
{
    json_t *body = json_loadb(buf_cstr(&request->body), request->body.n, 0, NULL);
    struct plan plan = {0};
    enum fault fault;
    if (!json_is_object(body) || plan_make(body, &plan) != 0) {
        write_error(script, 400, "");
    } else {
        fault = bend(&plan, style->faults ? fault_of(buf_cstr(&plan.question)) : FAULT_NONE, request);
        if (fault == FAULT_BUSY)
            write_error(script, 429, "Retry-After: 1\r\n");
        else if (fault == FAULT_ERROR)
            write_error(script, 500, "");
        else if (json_is_true(json_object_get(body, "stream")))
            write_stream(script, request, &plan, fault, style->pace_ms);
        else
            write_whole(script, request, &plan);
    }
    plan_fini(&plan);
    json_decref(body);
}

static void write_models(struct script *script)
{
    write_json(script, 200, "",
               json_pack("{s:s, s:[{s:s, s:s, s:i, s:s}]}", "object", "list", "data", "id", "demo", "object", "model",
                         "created", CREATED, "owned_by", "agent-trace"));
}

void script_write(struct script *script, struct request *request, const struct script_style *style)
{
    bool is_completion = strcmp(request->path, "/v1/chat/completions") == 0;
    bool is_models = strcmp(request->path, "/v1/models") == 0;
    *script = (struct script){.end = request->keep_alive ? SCRIPT_KEEP : SCRIPT_CLOSE};
    if (!is_completion && !is_models)
        write_error(script, 404, "");
    else if (strcmp(request->method, is_completion ? "POST" : "GET") != 0)
        write_error(script, 405, is_completion ? "Allow: POST\r\n" : "Allow: GET\r\n");
    else if (is_models)
        write_models(script);
    else
        write_completion(script, request, style);
}

void script_write_error(struct script *script, int status)
{
    *script = (struct script){.end = SCRIPT_CLOSE};
    write_error(script, status, "");
}

void script_fini(struct script *script)
{
    for (size_t i = 0; i < script->count; i++)
        buf_fini(&script->frame[i].bytes);
    free(script->frame);
    *script = (struct script){0};
}
