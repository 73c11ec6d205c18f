// SPDX-License-Identifier: Apache-2.0
#include "agent/model/request.h"

#include <stdlib.h>

#include "agent/member.h"
#include "base/buf.h"

static const char opening[] = "[Note of the system: the conversation begins with your own message.]";
static const char noted[] = "(I have read the output.)";

static bool has_role(const json_t *message, const char *role)
{
    return strcmp(member_text(message, "role"), role) == 0;
}

static bool has_calls(const json_t *message)
{
    return json_array_size(json_object_get(message, "tool_calls")) > 0;
}

static void keep_only(json_t *object, const char *const *members)
{
    json_t *kept = json_object();
    for (; *members; members++)
        if (json_object_get(object, *members))
            json_object_set(kept, *members, json_object_get(object, *members));
    json_object_clear(object);
    json_object_update(object, kept);
    json_decref(kept);
}

static void set_text(json_t *message, const char *member, struct buf *text)
{
    json_object_set_new(message, member, json_stringn(buf_cstr(text), text->n));
    buf_fini(text);
}

static json_t *text_message(const char *role, const char *text)
{
    return json_pack("{s:s, s:s}", "role", role, "content", text);
}

// For a server without tools: calls and outputs as they are described in the prompt.
static void spell_out(json_t *message)
{
    struct buf text = {0};
    size_t i;
    json_t *call;
    if (has_role(message, "tool")) {
        json_object_set_new(message, "role", json_string("user"));
        (void)json_object_del(message, "tool_call_id");
        return;
    }
    if (!has_calls(message))
        return;
    buf_str(&text, str_from(member_text(message, "content")));
    json_array_foreach(json_object_get(message, "tool_calls"), i, call)
    {
        const json_t *function = json_object_get(call, "function");
        buf_printf(&text, "%s<tool_call>{\"name\": \"%s\", \"arguments\": %s}</tool_call>", text.n > 0 ? "\n" : "",
                   member_text(function, "name"), member_text(function, "arguments"));
    }
    (void)json_object_del(message, "tool_calls");
    set_text(message, "content", &text);
}

// Only what the standard has of an assistant's message and its calls.
static void strip(json_t *message)
{
    static const char *const members[] = {"role", "content", "tool_calls", NULL};
    static const char *const call_members[] = {"id", "type", "function", NULL};
    size_t i;
    json_t *call;
    keep_only(message, members);
    json_array_foreach(json_object_get(message, "tool_calls"), i, call)
    {
        keep_only(call, call_members);
    }
}

static void describe_tools(json_t *messages, const json_t *tools)
{
    json_t *system = json_array_get(messages, 0), *tool;
    struct buf text = {0};
    size_t i;
    buf_str(&text, str_from(member_text(system, "content")));
    buf_lit(&text, "\n\nThese are your tools. To use one, answer with nothing but one line of the form\n"
                   "<tool_call>{\"name\": \"NAME\", \"arguments\": {…}}</tool_call>\n"
                   "and you are given its output. Without such a line your answer is final.\n");
    json_array_foreach(tools, i, tool)
    {
        const json_t *function = json_object_get(tool, "function");
        char *parameters = json_dumps(json_object_get(function, "parameters"), JSON_COMPACT);
        buf_printf(&text, "- %s: %s Arguments: %s\n", member_text(function, "name"),
                   member_text(function, "description"), parameters ? parameters : "{}");
        free(parameters);
    }
    set_text(system, "content", &text);
}

// Two messages of one role become one; what the later one has beside its content stays. False if they cannot.
static bool merge(json_t *before, json_t *message)
{
    struct buf text = {0};
    if (strcmp(member_text(before, "role"), member_text(message, "role")) != 0 || has_role(message, "tool") ||
        has_calls(before) || !json_is_string(json_object_get(before, "content")) ||
        !json_is_string(json_object_get(message, "content")))
        return false;
    buf_str(&text, str_from(member_text(before, "content")));
    if (text.n > 0 && *member_text(message, "content") != '\0')
        buf_lit(&text, "\n\n");
    buf_str(&text, str_from(member_text(message, "content")));
    json_object_update(before, message);
    set_text(before, "content", &text);
    return true;
}

static json_t *arrange(const struct request_scene *scene)
{
    json_t *list = json_array(), *original;
    size_t i;
    json_array_foreach(scene->messages, i, original)
    {
        json_t *message = json_deep_copy(original);
        json_t *before = json_array_get(list, json_array_size(list) - 1);
        if (habits_have(scene->habits, HABIT_NO_TOOLS))
            spell_out(message);
        if (habits_have(scene->habits, HABIT_NO_EXTRAS) && has_role(message, "assistant"))
            strip(message);
        if (habits_have(scene->habits, HABIT_NO_SYSTEM_ROLE) && has_role(message, "system"))
            json_object_set_new(message, "role", json_string("user"));
        if (has_role(message, "assistant") && (!before || has_role(before, "system"))) {
            before = text_message("user", opening);
            json_array_append_new(list, before);
        }
        if (before && merge(before, message)) {
            json_decref(message);
            continue;
        }
        if (habits_have(scene->habits, HABIT_STRICT_ORDER) && before && has_role(before, "tool") &&
            has_role(message, "user"))
            json_array_append_new(list, text_message("assistant", noted));
        json_array_append_new(list, message);
    }
    return list;
}

// RFC 7396: objects are merged, null removes, everything else replaces.
static void patch(json_t *object, const json_t *changes)
{
    json_t *copy = json_deep_copy(changes), *value;
    const char *member;
    json_object_foreach(copy, member, value)
    {
        json_t *had = json_object_get(object, member);
        if (json_is_null(value))
            (void)json_object_del(object, member);
        else if (json_is_object(value) && json_is_object(had))
            patch(had, value);
        else
            json_object_set(object, member, value);
    }
    json_decref(copy);
}

json_t *request_build(const struct request_scene *scene)
{
    bool is_streamed = !habits_have(scene->habits, HABIT_NO_STREAM);
    bool has_tools = json_array_size(scene->tools) > 0;
    json_t *messages = arrange(scene), *body = json_object();
    if (scene->model[0] != '\0')
        json_object_set_new(body, "model", json_string(scene->model));
    json_object_set_new(body, "messages", messages);
    json_object_set_new(body, "stream", json_boolean(is_streamed));
    if (is_streamed && !habits_have(scene->habits, HABIT_NO_STREAM_OPTIONS))
        json_object_set_new(body, "stream_options", json_pack("{s:b}", "include_usage", 1));
    if (has_tools && habits_have(scene->habits, HABIT_NO_TOOLS))
        describe_tools(messages, scene->tools);
    else if (has_tools)
        json_object_set(body, "tools", scene->tools);
    if (scene->patch)
        patch(body, scene->patch);
    if (habits_have(scene->habits, HABIT_NO_PARALLEL_CALLS))
        (void)json_object_del(body, "parallel_tool_calls");
    return body;
}
