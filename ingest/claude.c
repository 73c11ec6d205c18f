// SPDX-License-Identifier: Apache-2.0
#include "ingest/claude.h"

#include "ingest/when.h"

#define SCOPE STR("com.anthropic.claude_code")

static struct str attribute(struct span *s, const char *key)
{
    return value_text(value_get(s->attributes, key));
}

static void set_text(struct span *s, const char *key, struct str text)
{
    value_put(s->attributes, str_from(key), value_new_text(text));
}

// A span's own id becomes an alias: its children name that.
static void rename_to(struct span *s, struct str id)
{
    s->alias = s->id;
    s->id = id;
}

// What a tool printed is an event of its span.
static void take_output(struct span *s)
{
    for (size_t i = 0; i < value_count(s->events); i++) {
        struct json_object *event = value_at(s->events, i);
        struct json_object *content = value_get(value_get(event, "attributes"), "content");
        if (str_eq(value_text(value_get(event, "name")), STR("tool.output")) && value_text(content).p)
            set_text(s, "tool.output", value_text(content));
    }
}

void claude_apply(struct span *s)
{
    struct str type = attribute(s, "span.type"), tool = attribute(s, "tool_use_id"),
               request = attribute(s, "request_id");
    if (!str_starts(s->scope, SCOPE))
        return;
    if (str_eq(type, STR("tool")) && tool.n) {
        rename_to(s, tool);
        take_output(s);
    } else if (str_eq(type, STR("tool.execution")) && tool.n) {
        s->parent = tool;
    } else if (str_eq(type, STR("llm_request")) && request.n) {
        rename_to(s, request);
    }
}

// The time that it took lies before the event.
static void end_now(struct span *s)
{
    int64_t ms = value_i64(value_get(s->attributes, "duration_ms"), 0);
    s->ended_us = s->started_us;
    if (ms > 0 && ms < INT64_C(1000) * 60 * 60 * 24)
        s->started_us -= ms * 1000;
}

static bool make_prompt(struct span *s)
{
    // Where spans are sent as well, this is the one of the whole prompt; it comes only at its end.
    struct str root = s->parent.n ? s->parent : attribute(s, "prompt.id");
    s->id = root;
    s->parent = STR_NONE;
    s->name = STR("claude_code.interaction");
    set_text(s, "gen_ai.operation.name", STR("invoke_agent"));
    if (attribute(s, "prompt").n)
        set_text(s, "user_prompt", attribute(s, "prompt"));
    return root.n > 0;
}

static bool make_tool(struct span *s)
{
    s->id = attribute(s, "tool_use_id");
    set_text(s, "gen_ai.operation.name", STR("execute_tool"));
    set_text(s, "gen_ai.tool.name", attribute(s, "tool_name"));
    s->name = STR("claude_code.tool");
    return s->id.n > 0;
}

static bool make_decision(struct span *s)
{
    // It was written in the span that waited for the person, which is no step.
    s->parent = STR_NONE;
    s->is_parent_unsaid = true;
    return make_tool(s);
}

static bool make_result(struct span *s)
{
    end_now(s);
    return make_tool(s);
}

static bool make_request(struct span *s)
{
    int64_t input = value_i64(value_get(s->attributes, "input_tokens"), -1);
    int64_t cache_read = value_i64(value_get(s->attributes, "cache_read_tokens"), 0);
    int64_t cache_write = value_i64(value_get(s->attributes, "cache_creation_tokens"), 0);
    end_now(s);
    s->id = attribute(s, "request_id");
    s->name = STR("claude_code.llm_request");
    set_text(s, "gen_ai.operation.name", STR("chat"));
    // Anthropic counts what came from the cache apart, the conventions do not.
    if (input >= 0)
        value_put(s->attributes, STR("gen_ai.usage.input_tokens"), value_new_i64(input + cache_read + cache_write));
    value_put(s->attributes, STR("gen_ai.usage.output_tokens"),
              value_new_i64(value_i64(value_get(s->attributes, "output_tokens"), 0)));
    value_put(s->attributes, STR("gen_ai.usage.cache_read.input_tokens"), value_new_i64(cache_read));
    value_put(s->attributes, STR("gen_ai.usage.cache_write.input_tokens"), value_new_i64(cache_write));
    return s->id.n > 0;
}

// The text of the answer to a request: of a step that `api_request` or a span has ended.
static bool make_response(struct span *s)
{
    s->id = attribute(s, "request_id");
    s->name = STR("claude_code.llm_request");
    s->ended_us = s->started_us;
    s->started_us = 0;
    set_text(s, "gen_ai.operation.name", STR("chat"));
    return s->id.n > 0;
}

static bool make_error(struct span *s)
{
    s->is_failed = true;
    s->error = attribute(s, "error");
    end_now(s);
    s->id = attribute(s, "request_id");
    s->name = STR("claude_code.llm_request");
    set_text(s, "gen_ai.operation.name", STR("chat"));
    return s->id.n > 0;
}

// By its body, or by the attribute that has the same name without what stands before the full stop.
static bool is_event(struct span *s, struct str event)
{
    struct str name = event;
    (void)str_cut(&name, '.');
    return str_eq(s->name, event) || (str_starts(s->scope, SCOPE) && str_eq(attribute(s, "event.name"), name));
}

bool claude_record(struct span *s)
{
    static const struct {
        struct str event;
        bool (*make)(struct span *s);
    } events[] = {
        {{"claude_code.user_prompt", 23}, make_prompt},          {{"claude_code.tool_decision", 25}, make_decision},
        {{"claude_code.tool_result", 23}, make_result},          {{"claude_code.api_request", 23}, make_request},
        {{"claude_code.assistant_response", 30}, make_response}, {{"claude_code.api_error", 21}, make_error},
    };
    // Without spans there is no trace: then it is the prompt.
    struct str prompt = attribute(s, "prompt.id");
    bool has_trace = s->trace.n > 0;
    if (!has_trace)
        s->trace = prompt;
    for (size_t i = 0; i < sizeof events / sizeof events[0] && s->trace.n; i++) {
        if (!is_event(s, events[i].event))
            continue;
        if (!events[i].make(s))
            return false;
        if (!has_trace && i > 0) {
            s->parent = prompt;
            s->is_parent_unsaid = false;
        }
        return true;
    }
    return false;
}
