// SPDX-License-Identifier: Apache-2.0
// What the agent learns of a model server's habits, what it sends, and how an answer ended: each by a table.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agent/model/budget.h"
#include "agent/model/finish.h"
#include "agent/model/request.h"
#include "agent/model/verdict.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void refusals_teach(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *words;
        bool has_tools;
        enum habit habit;
    } cases[] = {
        {400, "\"auto\" tool choice requires --enable-auto-tool-choice", true, HABIT_NO_TOOLS},
        {500, "tools param requires --jinja flag", true, HABIT_NO_TOOLS},
        {500, "tools param requires --jinja flag", false, HABIT__MAX},
        {404, "No endpoints found that support tool use", true, HABIT_NO_TOOLS},
        {400, "Extra inputs are not permitted, field: 'stream_options'", true, HABIT_NO_STREAM_OPTIONS},
        {422, "parallel_tool_calls is not supported", true, HABIT_NO_PARALLEL_CALLS},
        {400, "System role not supported", true, HABIT_NO_SYSTEM_ROLE},
        {400, "Unexpected role 'user' after role 'tool'", true, HABIT_STRICT_ORDER},
        {400, "Conversation roles must alternate user/assistant", true, HABIT_STRICT_ORDER},
        {400, "property 'reasoning' is unsupported", true, HABIT_NO_EXTRAS},
        {422, "Extra inputs are not permitted, at body.stream_options", true, HABIT_NO_STREAM_OPTIONS},
        {422, "Extra inputs are not permitted, at body.messages.2.assistant.reasoning_content", true, HABIT_NO_EXTRAS},
        {400, "Please remove the reasoning_content from your message to reduce network traffic.", true,
         HABIT_NO_EXTRAS},
        {400, "Invalid JSON payload received. Unknown name \"thinking\": Cannot find field.", true, HABIT_NO_EXTRAS},
        {400, "Unknown parameter: 'messages[2].reasoning_content'.", true, HABIT_NO_EXTRAS},
        {400, "This model doesn't support tool use in streaming mode.", true, HABIT_NO_STREAM},
        {400, "This model doesn't support system messages.", true, HABIT_NO_SYSTEM_ROLE},
        {500, "Only user and assistant roles are supported!", true, HABIT_NO_SYSTEM_ROLE},
        {500, "Only user and assistant roles are supported, with the exception of an initial optional system message!",
         true, HABIT_NO_TOOLS},
        {0, "Error rendering prompt with jinja template: Conversation roles must alternate", true, HABIT_STRICT_ORDER},
        {0, "The tool broke", true, HABIT__MAX},
        {503, "tools are away", true, HABIT__MAX},
        {400, "tool_use_failed", true, HABIT__MAX},
        {400, "maximum context length; reduce tools", true, HABIT__MAX},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct trouble trouble = {.status = cases[i].status};
        struct habits habits = {0};
        memcpy(trouble.words, cases[i].words, strlen(cases[i].words));
        enum habit habit = verdict_habit(&trouble, &habits, cases[i].has_tools);
        if (habit != cases[i].habit)
            fail_msg("%s: %d", cases[i].words, habit);
        if (habit == HABIT__MAX)
            continue;
        assert_true(habits_learn(&habits, habit));
        assert_false(habits_learn(&habits, habit));
        assert_int_not_equal(verdict_habit(&trouble, &habits, cases[i].has_tools), habit);
    }
}

static void what_a_server_repeats_is_masked(void **state)
{
    (void)state;
    const struct verdict_scene scene = {.model = "", .url = "", .secret = "k3y"};
    struct trouble trouble = {.words =
                                  "k3y! sk-abcdefghijklmnopqrstuvwx; input: the wombat sleeps in drawer nineteen."};
    struct buf out = {0};
    verdict_forget(&trouble, STR("Ada: the wombat sleeps in drawer nineteen, she said"));
    verdict_mask(trouble.words, &scene, 400, &out);
    assert_string_equal(buf_cstr(&out), "[masked]! sk-a[masked]; input[…].");
    buf_clear(&out);
    verdict_mask("aaaaé", &scene, 5, &out);
    assert_string_equal(buf_cstr(&out), "aaaa…");
    buf_fini(&out);
}

// The history is [role, content] pairs; what is sent is printed as role:content, separated by bars.
static void roles_alternate(void **state)
{
    (void)state;
    static const struct {
        const char *history, *sent;
        unsigned known;
    } cases[] = {
        {"[[\"system\",\"s\"],[\"user\",\"a\"],[\"user\",\"b\"],[\"assistant\",\"c\"],[\"user\",\"d\"]]",
         "system:s|user:a\n\nb|assistant:c|user:d|", 0},
        {"[[\"system\",\"s\"],[\"assistant\",\"c\"],[\"user\",\"d\"]]",
         "system:s|user:[Note of the system: the conversation begins with your own message.]|assistant:c|user:d|", 0},
        {"[[\"system\",\"s\"],[\"user\",\"a\"]]", "user:s\n\na|", 1u << HABIT_NO_SYSTEM_ROLE},
        {"[[\"system\",\"s\"],[\"user\",\"a\"],[\"tool\",\"t\"],[\"user\",\"b\"]]", "system:s|user:a|tool:t|user:b|",
         0},
        {"[[\"system\",\"s\"],[\"user\",\"a\"],[\"tool\",\"t\"],[\"user\",\"b\"]]",
         "system:s|user:a|tool:t|assistant:(I have read the output.)|user:b|", 1u << HABIT_STRICT_ORDER},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *history = json_loads(cases[i].history, 0, NULL), *messages = json_array(), *pair, *message;
        struct habits habits = {.known = cases[i].known};
        struct buf sent = {0};
        size_t n;
        json_array_foreach(history, n, pair)
        {
            json_array_append_new(
                messages, json_pack("{s:O, s:O}", "role", json_array_get(pair, 0), "content", json_array_get(pair, 1)));
        }
        const struct request_scene scene = {.model = "", .messages = messages, .habits = &habits};
        json_t *body = request_build(&scene);
        json_array_foreach(json_object_get(body, "messages"), n, message)
        {
            buf_printf(&sent, "%s:%s|", json_string_value(json_object_get(message, "role")),
                       json_string_value(json_object_get(message, "content")));
        }
        assert_string_equal(buf_cstr(&sent), cases[i].sent);
        buf_fini(&sent);
        json_decref(body);
        json_decref(messages);
        json_decref(history);
    }
}

static void what_does_not_fit_is_left_out(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    json_t *messages = json_pack("[{s:s,s:s},{s:s,s:s},{s:s,s:[{}]},{s:s,s:s},{s:s,s:s},{s:s,s:[{}]},{s:s,s:s}]",
                                 "role", "system", "content", "s", "role", "user", "content", text, "role", "assistant",
                                 "tool_calls", "role", "tool", "content", text, "role", "user", "content", "question",
                                 "role", "assistant", "tool_calls", "role", "tool", "content", text);
    static const struct {
        int64_t tokens;
        size_t left;
    } cases[] = {{0, 7}, {100000, 7}, {700, 6}, {500, 4}, {100, 4}, {1, 4}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *fitted = budget_fit(messages, cases[i].tokens, 3500);
        if (json_array_size(fitted) != cases[i].left)
            fail_msg("%lld tokens: %zu", (long long)cases[i].tokens, json_array_size(fitted));
        assert_string_equal(json_string_value(json_object_get(json_array_get(fitted, 0), "role")), "system");
        if (cases[i].tokens == 500 || cases[i].tokens == 100)
            assert_true(budget_tokens(fitted, 3500) <= cases[i].tokens || cases[i].tokens == 100);
        json_decref(fitted);
    }
    json_decref(messages);
}

static void reasons_have_meanings(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *part; // of the shortfall; NULL: none
    } cases[] = {{"", NULL},
                 {"stop", NULL},
                 {"STOP", NULL},
                 {"tool_calls", "did not send"},
                 {"length", "length"},
                 {"content_filter", "filter"},
                 {"error", "error"},
                 {"function_call_filter: MALFORMED_FUNCTION_CALL", "could not read"},
                 {"guardrail_intervened", "filter"},
                 {"a<b>", "known (a?b?)"},
                 {"insufficient_system_resource", "resources"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf unknown = {0};
        const char *shortfall = finish_shortfall(cases[i].reason, &unknown);
        assert_true((shortfall != NULL) == (cases[i].part != NULL));
        if (shortfall && !strstr(shortfall, cases[i].part))
            fail_msg("%s: %s", cases[i].reason, shortfall);
        buf_fini(&unknown);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_teach),        cmocka_unit_test(what_a_server_repeats_is_masked),
        cmocka_unit_test(roles_alternate),       cmocka_unit_test(what_does_not_fit_is_left_out),
        cmocka_unit_test(reasons_have_meanings),
    };
    return cmocka_run_group_tests_name("agent server", tests, NULL, NULL);
}
