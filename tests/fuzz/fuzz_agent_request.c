// SPDX-License-Identifier: Apache-2.0
// The history of a run, whatever it looks like, made a request for a server with the habits that the first byte says,
// and fitted into a small context where the second one says so: roles alternate, what the server does not take is not
// there, and the history stays as it was. The rest of the input is the history, a JSON array, and behind a line end the
// operator's changes.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/member.h"
#include "agent/model/budget.h"
#include "agent/model/request.h"
#include "base/buf.h"
#include "tests/fuzz/fuzz.h"

static bool has_role(const json_t *message, const char *role)
{
    return strcmp(member_text(message, "role"), role) == 0;
}

static bool is_text(const json_t *message)
{
    return json_is_string(json_object_get(message, "content")) &&
           json_array_size(json_object_get(message, "tool_calls")) == 0;
}

static void check(const json_t *messages, const struct habits *habits)
{
    const json_t *message, *before = NULL;
    size_t i;
    json_array_foreach(messages, i, message)
    {
        assert(json_is_object(message));
        if (habits_have(habits, HABIT_NO_TOOLS))
            assert(!has_role(message, "tool") && json_array_size(json_object_get(message, "tool_calls")) == 0);
        if (habits_have(habits, HABIT_NO_SYSTEM_ROLE))
            assert(!has_role(message, "system"));
        if (before && !has_role(message, "tool") && is_text(message) && is_text(before))
            assert(strcmp(member_text(before, "role"), member_text(message, "role")) != 0);
        if (habits_have(habits, HABIT_STRICT_ORDER) && before && has_role(before, "tool"))
            assert(!has_role(message, "user"));
        before = message;
    }
}

static bool has_calls(const json_t *message)
{
    return json_array_size(json_object_get(message, "tool_calls")) > 0;
}

// Whether the agent could have this message behind `before`, which is NULL at the beginning: a role of the four with a
// content; calls are an assistant's, and objects; results follow calls or other results, and nothing else does.
static bool could_follow(const json_t *before, const json_t *message)
{
    const json_t *content = json_object_get(message, "content"), *calls = json_object_get(message, "tool_calls"), *call;
    bool is_system = has_role(message, "system"), is_result = has_role(message, "tool");
    bool is_assistant = has_role(message, "assistant");
    bool expects_result = before && (has_calls(before) || has_role(before, "tool"));
    size_t i;
    if (!is_system && !is_result && !is_assistant && !has_role(message, "user"))
        return false;
    if (!json_is_string(content) && (is_system || !json_is_array(content)))
        return false;
    if ((is_system && before) || (is_result && !expects_result) || (before && has_calls(before) && !is_result))
        return false;
    json_array_foreach(calls, i, call)
    {
        if (!json_is_object(call))
            return false;
    }
    return !calls || (is_assistant && json_is_array(calls));
}

static json_t *history_of(struct str text)
{
    json_t *given = json_loadb(text.p ? text.p : "", text.n, 0, NULL), *message;
    json_t *history = json_array();
    size_t i;
    if (!has_role(json_array_get(given, 0), "system"))
        json_array_append_new(history, json_pack("{s:s, s:s}", "role", "system", "content", "Be brief."));
    json_array_foreach(given, i, message)
    {
        size_t n = json_array_size(history);
        if (could_follow(n ? json_array_get(history, n - 1) : NULL, message))
            json_array_append(history, message);
    }
    if (json_array_size(history) == 0)
        json_array_append_new(history, json_pack("{s:s, s:s}", "role", "system", "content", "Be brief."));
    json_decref(given);
    return history;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct habits habits = {0};
    if (size < 3)
        return 0;
    for (int habit = 0; habit < HABIT__MAX; habit++)
        if (data[0] >> habit & 1)
            (void)habits_learn(&habits, (enum habit)habit);
    struct str rest = {(const char *)data + 2, size - 2};
    struct str text = str_cut(&rest, '\n');
    json_t *history = history_of(text), *before = json_deep_copy(history);
    json_t *changes = rest.p ? json_loadb(rest.p, rest.n, 0, NULL) : NULL;
    json_t *tools = json_pack("[{s:s, s:{s:s}}]", "type", "function", "function", "name", "workspace_search");
    json_t *fitted = budget_fit(history, data[1] % 4 == 0 ? 50 : 0, 4000);
    json_t *body = request_build(&(struct request_scene){.model = "m",
                                                         .messages = fitted,
                                                         .tools = tools,
                                                         .patch = json_is_object(changes) ? changes : NULL,
                                                         .habits = &habits});
    assert(body && json_equal(history, before));
    if (!json_is_object(changes))
        check(json_object_get(body, "messages"), &habits);
    json_decref(body);
    json_decref(fitted);
    json_decref(tools);
    json_decref(changes);
    json_decref(before);
    json_decref(history);
    return 0;
}
