// SPDX-License-Identifier: Apache-2.0
// What the agent reads out of the replies of model servers: events, JSON, thinking, calls and parts, each by a table.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "agent/model/events.h"
#include "agent/model/reply.h"
#include "agent/model/thinking.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static json_t *offered(void)
{
    return json_pack("[{s:{s:s, s:s, s:{}}}, {s:{s:s, s:s, s:{}}}]", "function", "name", "find", "description",
                     "Finds.", "parameters", "function", "name", "visit", "description", "Visits.", "parameters");
}

static int take(void *arg, const char *name, struct str data)
{
    struct trouble trouble = {0};
    return reply_take(arg, name, data, &trouble) == REPLY_TROUBLE;
}

// A stream, byte by byte, settled.
static enum written read_stream(const char *stream, struct reply *reply)
{
    const struct events_sink sink = {.on_event = take, .arg = reply};
    struct events *events = events_new(&sink, 65536);
    json_t *tools = offered();
    for (const char *p = stream; *p != '\0'; p++)
        (void)!events_feed(events, (struct str){p, 1});
    (void)!events_finish(events);
    events_free(events);
    enum written written = reply_settle(reply, tools, false);
    json_decref(tools);
    return written;
}

static void events_are_found_without_their_empty_lines(void **state)
{
    (void)state;
    static const char *const streams[] = {
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n"
        "data: [DONE]\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\ndata: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n"
        "data: [DONE] \n",
        ": hello\r\ndata:\r\n\r\ndata:{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\n: still here\r\n\r\n"
        "data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\r\rdata:  [DONE]",
        "\xEF\xBB\xBF"
        "data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"a\"}}]}\n\n"
        "{\"choices\":[{\"message\":{\"content\":\"b\"}}]}\ndata: [DONE]\ndata: {\"choices\":[{\"delta\":{\"content\":\"c\"}}]}\n",
    };
    for (size_t i = 0; i < COUNT(streams); i++) {
        struct reply reply = {0};
        (void)read_stream(streams[i], &reply);
        assert_string_equal(buf_cstr(&reply.content), "ab");
        assert_true(reply.is_done);
        assert_int_equal(reply.skipped, 0);
        reply_fini(&reply);
    }
}

static void json_is_repaired(void **state)
{
    (void)state;
    static const struct {
        const char *documents[2];
        const char *content;
    } cases[] = {
        {{"{\"content\":\"\\ud83d\"}", "{\"content\":\"\\ude00!\"}"}, "😀!"},
        {{"{\"content\":\"x\\ud83d\"}", "{\"content\":\"y\"}"}, "x\xEF\xBF\xBDy"},
        {{"{\"content\":\"\xF0\x9F\"}", "{\"content\":\"\x98\x80!\"}"}, "😀!"},
        {{"{\"content\":\"\\ude00 a\\u0000b \xFF\"}", "{}"},
         "\xEF\xBF\xBD a\xEF\xBF\xBD"
         "b \xEF\xBF\xBD"},
        {{"{\"n\":12345678901234567890123,\"x\":NaN,\"y\":-Infinity,\"z\":1e999,\"content\":\"a\"}", "{}"}, "a"},
        {{"{\"content\":\"a\nb\\qc\"}", "{}"}, "a\nb\\qc"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct repair repair = {0};
        struct buf content = {0};
        for (int d = 0; d < 2; d++) {
            struct buf out = {0};
            repair_json(&repair, str_from(cases[i].documents[d]), &out);
            json_t *document = json_loadb(buf_cstr(&out), out.n, 0, NULL);
            assert_non_null(document);
            const char *part = json_string_value(json_object_get(document, "content"));
            buf_str(&content, str_from(part ? part : ""));
            json_decref(document);
            buf_fini(&out);
        }
        assert_string_equal(buf_cstr(&content), cases[i].content);
        buf_fini(&content);
    }
}

static void whole_numbers_keep_their_digits(void **state)
{
    (void)state;
    static const struct {
        const char *given, *wanted;
    } cases[] = {
        {"[1234567890123456789,-9223372036854775808]", "[1234567890123456789,-9223372036854775808]"},
        {"[9223372036854775808,7]", "[9223372036854775808.0,7]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct repair repair = {0};
        struct buf out = {0};
        repair_json(&repair, str_from(cases[i].given), &out);
        assert_string_equal(buf_cstr(&out), cases[i].wanted);
        json_t *read = repair_read(str_from(cases[i].given));
        assert_int_equal(json_array_size(read), 2);
        json_decref(read);
        buf_fini(&out);
    }
}

static void keep(void *arg, bool is_thought, struct str text)
{
    struct buf *out = arg;
    buf_str(&out[is_thought], text);
}

static void thinking_is_told_from_text(void **state)
{
    (void)state;
    static const struct {
        const char *content, *thought, *text;
        bool grows_alike; // while it comes it is told apart in the same way
    } cases[] = {
        {"plain", "", "plain", true},
        {"<think>a</think>b", "a", "b", true},
        {"\n<thinking>\na\n</thinking>\n\nb", "\na\n", "b", true},
        {"<think>a</think>\n<think>b</think>c", "a\nb", "c", false},
        {"<think></think>b", "", "b", true},
        {"<think>never closed", "never closed", "", true},
        {"a\n</think>\n\nb", "a\n", "b", false},
        {"a</think>b", "a", "b", false},
        {"The tag `</think>` ends it.", "", "The tag `</think>` ends it.", true},
        {"It writes </think> at the end.", "", "It writes </think> at the end.", true},
        {"b <think>a</think>", "", "b <think>a</think>", true},
        {"<thin ice>", "", "<thin ice>", true},
        {"<th", "", "<th", true},
        {"[THINK]a[/THINK]b", "a", "b", true},
        {"<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b<|END_RESPONSE|>", "a", "b", false},
        {"<think>a</think>\n<answer>\nb\n</answer>\n", "a", "b", false},
        {"<think>a</think><answer>b</answer> c", "a", "<answer>b</answer> c", true},
        {"<think>a</think><response> is the root.", "a", "<response> is the root.", true},
        {"<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b", "a", "b", false},
        {"<answer>b</answer>", "", "<answer>b</answer>", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf thought = {0}, text = {0}, grown[2] = {0};
        struct thinking thinking = {0};
        const struct thinking_sink sink = {.on_text = keep, .arg = grown};
        thinking_split(str_from(cases[i].content), &thought, &text);
        if (strcmp(buf_cstr(&text), cases[i].text) != 0 || strcmp(buf_cstr(&thought), cases[i].thought) != 0)
            fail_msg("%s: \"%s\" and \"%s\"", cases[i].content, buf_cstr(&thought), buf_cstr(&text));
        for (const char *p = cases[i].content; *p != '\0'; p++)
            thinking_feed(&thinking, (struct str){p, 1}, &sink);
        thinking_finish(&thinking, &sink);
        if (cases[i].grows_alike)
            assert_true(str_eq(buf_view(&grown[1]), buf_view(&thought)) &&
                        strncmp(buf_cstr(&grown[0]), cases[i].text, grown[0].n) == 0);
        buf_fini(&thought);
        buf_fini(&text);
        buf_fini(&grown[0]);
        buf_fini(&grown[1]);
    }
}

#define CALL(index, id, name, arguments)                                                                               \
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{" index id "\"function\":{" name "\"arguments\":" arguments      \
    "}}]}}]}\n\n"

static void calls_are_put_together(void **state)
{
    (void)state;
    static const struct {
        const char *stream, *calls; // name(arguments) each
    } cases[] = {
        {CALL("\"index\":0,", "\"id\":\"a\",", "\"name\":\"find\",", "\"{\\\"q\\\"\"")
             CALL("\"index\":0,", "", "", "\":1}\""),
         "find({\"q\":1})"},
        {CALL("\"index\":1,", "\"id\":\"a\",", "\"name\":\"find\",", "\"{}\"")
             CALL("\"index\":2,", "\"id\":\"b\",", "\"name\":\"visit\",", "\"{}\""),
         "find({})visit({})"},
        {CALL("\"index\":null,", "\"id\":\"\",", "\"name\":\"find\",", "\"{\\\"q\\\":1}\"")
             CALL("\"index\":null,", "\"id\":\"\",", "\"name\":\"find\",", "\"{\\\"q\\\":2}\""),
         "find({\"q\":1})find({\"q\":2})"},
        {CALL("\"index\":0,", "\"id\":\"a\",", "\"name\":\"find\",", "\"{\\\"q\\\":1}\"")
             CALL("\"index\":0,", "\"id\":null,", "\"name\":\"visit\",", "\"{\\\"q\\\":2}\""),
         "find({\"q\":1})visit({\"q\":2})"},
        {CALL("\"index\":0,", "\"id\":\"\",", "\"name\":\"find\",", "\"{\\\"q\\\":1}\"")
             CALL("\"index\":0,", "\"id\":\"\",", "\"name\":\"find\",", "\"{\\\"q\\\":2}\""),
         "find({\"q\":1})find({\"q\":2})"},
        {CALL("", "\"id\":\"a\",", "\"name\":\"find\",", "\"{\\\"q\\\":1}\"")
             CALL("", "\"id\":\"a\",", "\"name\":\"find\",", "\"{\\\"q\\\":2}\""),
         "find({\"q\":1})find({\"q\":2})"},
        {CALL("", "\"id\":\"a\",", "\"name\":\"find\",", "\"{\\\"q\\\":1}\"")
             CALL("", "\"id\":\"a\",", "\"name\":\"find\",", "\"{\\\"q\\\":1}\""),
         "find({\"q\":1})"},
        {CALL("\"index\":0,", "\"id\":\"a\",", "\"name\":\"find\",", "\"{\\\"q\\\"\"")
             CALL("\"index\":0,", "\"id\":\"b\",", "", "\":1}\""),
         "find({\"q\":1})"},
        {CALL("\"index\":\"0\",", "\"id\":\"a\",", "\"name\":\"find\",", "\"\"")
             CALL("\"index\":\"1\",", "\"id\":\"b\",", "\"name\":\"visit\",", "\"\"") CALL(
                 "\"index\":\"0\",", "", "", "\"{\\\"q\\\":1}\"") CALL("\"index\":\"1\",", "", "", "\"{\\\"q\\\":2}\""),
         "find({\"q\":1})visit({\"q\":2})"},
        {CALL("", "", "\"name\":\"functions.find:0\",", "{\"q\":1}"), "find({\"q\":1})"},
        {CALL("", "", "\"name\":\"find<|channel|>json\",", "\"\\\"{\\\\\\\"q\\\\\\\":1}\\\"\""), "find({\"q\":1})"},
        {CALL("", "", "\"name\":\"find\",", "\"```json\\n{\\\"q\\\":1}\\n```\""), "find({\"q\":1})"},
        {CALL("", "", "\"name\":\"find\",", "\"{}{\\\"q\\\":1}\""), "find({\"q\":1})"},
        {CALL("", "", "\"name\":\"find\",", "\"\""), "find({})"},
        {CALL("", "", "\"name\":\"find\",", "\"{\\\"q\\\":\""), "find({\"q\":)"},
        {"data: {\"choices\":[{\"delta\":{\"tool_calls\":{\"function\":{\"name\":\"find\",\"arguments\":\"{}\"}}}}]}\n",
         "find({})"},
        {"data: {\"choices\":[{\"delta\":{\"function_call\":{\"name\":\"find\",\"arguments\":\"{\\\"q\\\"\"}}}]}\n\n"
         "data: {\"choices\":[{\"delta\":{\"function_call\":{\"arguments\":\":1}\"}}}]}\n\n",
         "find({\"q\":1})"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reply reply = {0};
        struct buf calls = {0};
        (void)read_stream(cases[i].stream, &reply);
        for (size_t c = 0; c < reply.calls.count; c++)
            buf_printf(&calls, "%s(%s)", buf_cstr(&reply.calls.list[c].name), buf_cstr(&reply.calls.list[c].arguments));
        if (strcmp(buf_cstr(&calls), cases[i].calls) != 0)
            fail_msg("case %zu: %s", i, buf_cstr(&calls));
        buf_fini(&calls);
        reply_fini(&reply);
    }
}

static void written_calls_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        enum written written;
        const char *arguments;
    } cases[] = {
        {"<tool_call>\n{\"name\": \"find\", \"arguments\": {\"q\": 1}}\n</tool_call>", WRITTEN_CALLS, "{\"q\":1}"},
        {"<tool_call>{\"name\": \"find\", \"arguments\": {\"q\": 1}}", WRITTEN_CALLS, "{\"q\":1}"},
        {"<tool_call><function=find><parameter=q>1 a</parameter></function></tool_call>", WRITTEN_CALLS,
         "{\"q\":\"1 a\"}"},
        {"<function=find>{\"q\": 1}</function>", WRITTEN_CALLS, "{\"q\":1}"},
        {"[TOOL_CALLS][{\"name\": \"find\", \"arguments\": {\"q\": 1}}]", WRITTEN_CALLS, "{\"q\":1}"},
        {"{\"name\": \"find\", \"parameters\": {\"q\": 1}}", WRITTEN_CALLS, "{\"q\":1}"},
        {"```json\n{\"name\": \"find\", \"arguments\": {\"q\": 1}}\n```", WRITTEN_CALLS, "{\"q\":1}"},
        {"<|python_tag|>{\"type\": \"function\", \"name\": \"find\", \"parameters\": {\"q\": 1}}", WRITTEN_CALLS,
         "{\"q\":1}"},
        {"<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary to=functions.find "
         "<|constrain|>json<|message|>{\"q\":1}<|call|>",
         WRITTEN_CALLS, "{\"q\":1}"},
        {"<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Hello.", WRITTEN_NOTHING,
         NULL},
        {"I look: <tool_call>{\"name\": \"find\", \"arguments\": {}}</tool_call>", WRITTEN_MIXED, NULL},
        {"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>find\n```json\n{\"q\": 1}\n```<｜tool▁call▁end｜>"
         "<｜tool▁calls▁end｜>",
         WRITTEN_CALLS, "{\"q\":1}"},
        {"<|tool_calls_section_begin|><|tool_call_begin|>functions.find:0<|tool_call_argument_begin|>{\"q\": 1}"
         "<|tool_call_end|><|tool_calls_section_end|>",
         WRITTEN_CALLS, "{\"q\":1}"},
        {"analysisWe think.assistantfinalHello.", WRITTEN_NOTHING, NULL},
        {"analysisWe think.assistantcommentary to=functions.find json{\"q\": 1}", WRITTEN_CALLS, "{\"q\":1}"},
        {"commentary to=functions.find json{\"q\": 1}", WRITTEN_CALLS, "{\"q\":1}"},
        {"analysisWe think.assistantcommentary to=functions.fly json{\"q\": 1}", WRITTEN_MIXED, NULL},
        {"{\"name\": \"fly\", \"arguments\": {}}", WRITTEN_MIXED, NULL},
        {"A call is written `<tool_call>{\"name\": \"find\", \"arguments\": {}}</tool_call>`.", WRITTEN_NOTHING, NULL},
        {"I use `find`: <tool_call>{\"name\": \"find\", \"arguments\": {}}</tool_call>", WRITTEN_MIXED, NULL},
        {"```\n<tool_call>{\"name\": \"find\", \"arguments\": {\"q\": 1}}</tool_call>\n```", WRITTEN_CALLS,
         "{\"q\":1}"},
        {"So:\n```\n<tool_call>{\"name\": \"find\", \"arguments\": {}}</tool_call>\n```", WRITTEN_NOTHING, NULL},
        {"I look.\n{\"name\": \"find\", \"arguments\": {}}", WRITTEN_MIXED, NULL},
        {"I look.\n```json\n{\"name\": \"find\", \"arguments\": {}}\n```", WRITTEN_MIXED, NULL},
        {"Like this:\n{\"name\": \"fly\", \"arguments\": {}}", WRITTEN_NOTHING, NULL},
        {"Like this:\n{\"name\": \"find\", \"arguments\": {}}\nis a call.", WRITTEN_NOTHING, NULL},
        {"<tool_call>find\n<arg_key>q</arg_key>\n<arg_value>1 a</arg_value>\n</tool_call>", WRITTEN_CALLS,
         "{\"q\":\"1 a\"}"},
        {"<tool_call>find</tool_call>", WRITTEN_CALLS, "{}"},
        {"<minimax:tool_call>\n<invoke name=\"find\">\n<parameter name=\"q\">1 a</parameter>\n</invoke>\n</minimax:tool_call>",
         WRITTEN_CALLS, "{\"q\":\"1 a\"}"},
        {"<function_calls><invoke name=\"find\"><param name=\"q\">1 a</param></invoke></function_calls>", WRITTEN_CALLS,
         "{\"q\":\"1 a\"}"},
        {"<function_calls><invoke name=\"find\">{\"q\": 1}</invoke></function_calls>", WRITTEN_CALLS, "{\"q\":1}"},
        {"<function_calls><invoke name=\"find\"><parameter name=\"q\">1 a</parameter></invoke></function_calls>",
         WRITTEN_CALLS, "{\"q\":\"1 a\"}"},
        {"<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"find\">\n<｜DSML｜parameter name=\"q\" string=\"true\">1 a</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>",
         WRITTEN_CALLS, "{\"q\":\"1 a\"}"},
        {"[TOOL_CALLS]find[ARGS]{\"q\": 1}", WRITTEN_CALLS, "{\"q\":1}"},
        {"[TOOL_CALLS]find[CALL_ID]abcdefghi[ARGS]{\"q\": 1}", WRITTEN_CALLS, "{\"q\":1}"},
        {"<|START_ACTION|>[{\"tool_call_id\": \"0\", \"tool_name\": \"find\", \"parameters\": {\"q\": 1}}]<|END_ACTION|>",
         WRITTEN_CALLS, "{\"q\":1}"},
        {"<TOOLCALL>[{\"name\": \"find\", \"arguments\": {\"q\": 1}}]</TOOLCALL>", WRITTEN_CALLS, "{\"q\":1}"},
        {"<|tool_call_start|>[find(q=\"1 a\", n=[1], yes=True, no=None)]<|tool_call_end|>", WRITTEN_CALLS,
         "{\"q\":\"1 a\",\"n\":[1],\"yes\":true,\"no\":null}"},
        {"[find(q='it\\'s')]", WRITTEN_CALLS, "{\"q\":\"it's\"}"},
        {"```tool_code\nprint(find(q=1))\n```", WRITTEN_CALLS, "{\"q\":1}"},
        {"functools[{\"name\": \"find\", \"arguments\": {\"q\": 1}}]", WRITTEN_CALLS, "{\"q\":1}"},
        {"<tool_call>\n<function=find>\n<parameter=q>\n1 a\n</parameter>\n</function>\n</tool_call>", WRITTEN_CALLS,
         "{\"q\":\"1 a\"}"},
        {"<|tool_call>call:find{q:1}<tool_call|>", WRITTEN_CALLS, "{\"q\":1}"},
        {"<|tool_call>call:find{q:<|\"|>1, a}<|\"|>,n:[1]}<tool_call|>", WRITTEN_CALLS, "{\"q\":\"1, a}\",\"n\":[1]}"},
        {"<start_function_call>call:find{q:<escape>1 a<escape>}<end_function_call>", WRITTEN_CALLS, "{\"q\":\"1 a\"}"},
        {"<start_function_call>call:find{q:", WRITTEN_MIXED, NULL},
        {">>>find\n{\"q\": 1}", WRITTEN_CALLS, "{\"q\":1}"},
        {">>>all\nHello.", WRITTEN_NOTHING, NULL},
        {">>> find(1)\n2", WRITTEN_NOTHING, NULL},
        {"✿FUNCTION✿: find\n✿ARGS✿: {\"q\": 1}\n✿RESULT✿", WRITTEN_CALLS, "{\"q\":1}"},
        {"{\"find\": {\"q\": 1}}", WRITTEN_CALLS, "{\"q\":1}"},
        {"{\"fly\": {\"q\": 1}}", WRITTEN_NOTHING, NULL},
        {"{\"find\": {\"q\": 1}, \"fly\": {}}", WRITTEN_NOTHING, NULL},
        {"{\"tool_calls\": [{\"function\": {\"name\": \"find\", \"arguments\": \"{\\\"q\\\":1}\"}}]}", WRITTEN_CALLS,
         "{\"q\":1}"},
        {"Thought: hm\nAction: find\nAction Input: {\"q\": 1}", WRITTEN_MIXED, NULL},
        {"Action: fly away\nAction Input: none", WRITTEN_NOTHING, NULL},
        {"ReAct writes:\n```\nAction: find\nAction Input: 1\n```\nand waits.", WRITTEN_NOTHING, NULL},
        {"<tool_call>fly\n<arg_key>q</arg_key><arg_value>1</arg_value></tool_call>", WRITTEN_MIXED, NULL},
        {"[fly(q=1)]", WRITTEN_NOTHING, NULL},
        {"[find(q=1), and so on]", WRITTEN_NOTHING, NULL},
        {"find(q=1) is how it is called.", WRITTEN_NOTHING, NULL},
        {"Some models write <tool_call> around a call.", WRITTEN_NOTHING, NULL},
        {"Some models write <tool_call> before what they find, or when finding it.", WRITTEN_NOTHING, NULL},
        {"<|channel|>commentary to=python code<|message|>print(1)<|call|>", WRITTEN_MIXED, NULL},
        {"Llama writes <function=NAME> and its arguments behind.", WRITTEN_NOTHING, NULL},
        {"```\n<tool_call>{\"name\": \"find\", \"arguments\": {}}</tool_call>\n```\nis a call, and so is\n```\n"
         "<function=find>{}</function>\n```",
         WRITTEN_NOTHING, NULL},
        {"[find(q='a\\nb\\d \"c\" it\\'s')]", WRITTEN_CALLS, "{\"q\":\"a\\nb\\\\d \\\"c\\\" it's\"}"},
        {"```json\n{\"name\": \"find\", \"arguments\": {\"q\": \"\\n```x```\"}}\n```", WRITTEN_CALLS,
         "{\"q\":\"\\n```x```\"}"},
        {"{\"name\": \"Ada\", \"age\": 36}", WRITTEN_NOTHING, NULL},
        {"[1, 2]", WRITTEN_NOTHING, NULL},
        {"Hello {\"name\": \"find\", \"arguments\": {}}", WRITTEN_NOTHING, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reply reply = {0};
        json_t *tools = offered();
        buf_str(&reply.content, str_from(cases[i].content));
        enum written written = reply_settle(&reply, tools, false);
        if (written != cases[i].written)
            fail_msg("%s: %d", cases[i].content, written);
        assert_int_equal(reply.calls.count, written == WRITTEN_CALLS ? 1 : 0);
        if (written == WRITTEN_CALLS) {
            assert_string_equal(buf_cstr(&reply.calls.list[0].name), "find");
            assert_string_equal(buf_cstr(&reply.calls.list[0].arguments), cases[i].arguments);
        }
        reply_fini(&reply);
        json_decref(tools);
    }
}

static void parts_of_all_kinds_are_read(void **state)
{
    (void)state;
    struct reply reply = {0};
    (void)read_stream(
        "data: {\"model\":\"m\",\"citations\":[\"https://a.example/\"],\"choices\":[{\"delta\":{\"content\":[{"
        "\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]},{\"type\":\"text\",\"text\":"
        "\"yes\"},{\"type\":\"image_url\"}],\"thought_signature\":\"x\"}}]}\n\n"
        "data: {\"choices\":[{\"delta\":{\"reasoning\":\" so\",\"reasoning_content\":\" so\","
        "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\" so\",\"index\":0}],\"thought_signature\":"
        "\"y\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":-1}}\n\n",
        &reply);
    assert_string_equal(buf_cstr(&reply.reasoning), "hm so");
    assert_string_equal(buf_cstr(&reply.content), "yes");
    assert_string_equal(json_string_value(json_object_get(reply.extra, "thought_signature")), "xy");
    assert_int_equal(json_array_size(reply.parts), 1);
    assert_int_equal(json_array_size(reply.sources), 1);
    assert_int_equal(reply.input_tokens, 3);
    assert_int_equal(reply.output_tokens, 0);
    assert_string_equal(reply.model, "m");
    reply_fini(&reply);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_found_without_their_empty_lines),
        cmocka_unit_test(json_is_repaired),
        cmocka_unit_test(whole_numbers_keep_their_digits),
        cmocka_unit_test(thinking_is_told_from_text),
        cmocka_unit_test(calls_are_put_together),
        cmocka_unit_test(written_calls_are_found),
        cmocka_unit_test(parts_of_all_kinds_are_read),
    };
    return cmocka_run_group_tests_name("agent model", tests, NULL, NULL);
}
