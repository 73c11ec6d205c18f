// SPDX-License-Identifier: Apache-2.0
// Messages and documents that come in parts: as attributes of their own, in any order, or as events of the span.
#include "tests/unit/base.h"

#include "ingest/flat.h"
#include "ingest/message.h"
#include "ingest/otlp.h"
#include "ingest/rules.h"
#include "ingest/sources.h"

static void span_of(struct span *s, const char *attributes, const char *events)
{
    int64_t replaced = 0;
    span_init(s, &otlp_dialect);
    value_free(s->attributes);
    s->attributes = value_read(str_from(attributes), &replaced);
    s->events = events ? value_read(str_from(events), &replaced) : NULL;
    assert_non_null(s->attributes);
    flat_gather(s);
}

static void assert_field(struct span *s, enum field field, const char *expected)
{
    struct buf out = {0};
    struct json_object *value = rules_find(s, field);
    if (value)
        value_print(&out, value, NULL, NULL);
    assert_str(buf_view(&out), expected);
    buf_fini(&out);
}

static void puts_parts_together(void **state)
{
    (void)state;
    static const struct {
        const char *attributes;
        enum field field;
        const char *value;
    } cases[] = {
        // OpenInference without input.value, as a span made by hand.
        {"{\"llm.input_messages.0.message.role\":\"system\",\"llm.input_messages.0.message.content\":\"be brief\","
         "\"llm.input_messages.1.message.role\":\"user\",\"llm.input_messages.1.message.contents.0.message_content.type\":"
         "\"text\",\"llm.input_messages.1.message.contents.0.message_content.text\":\"when?\"}",
         FIELD_INPUT,
         "[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\",\"contents\":[{\"type\":\"text\",\"text\":"
         "\"when?\"}]}]"},
        {"{\"llm.output_messages.0.message.role\":\"assistant\",\"llm.output_messages.0.message.tool_calls.0.tool_call."
         "function.name\":\"search\",\"llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments\":"
         "\"{\\\"q\\\":1}\"}",
         FIELD_OUTPUT,
         "[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"search\",\"arguments\":{\"q\":1}}}]}]"},
        {"{\"retrieval.documents.0.document.content\":\"c\",\"retrieval.documents.0.document.score\":0.5,"
         "\"retrieval.documents.0.document.metadata\":\"{\\\"source\\\":\\\"https://a.example/\\\"}\"}",
         FIELD_DOCUMENTS, "[{\"content\":\"c\",\"score\":0.5,\"metadata\":{\"source\":\"https://a.example/\"}}]"},
        // OpenLLMetry.
        {"{\"gen_ai.prompt.0.role\":\"user\",\"gen_ai.prompt.0.content\":\"when?\"}", FIELD_INPUT,
         "[{\"role\":\"user\",\"content\":\"when?\"}]"},
        {"{\"gen_ai.completion.0.finish_reason\":\"stop\",\"gen_ai.completion.0.tool_calls.0.name\":\"search\"}",
         FIELD_OUTPUT, "[{\"finish_reason\":\"stop\",\"tool_calls\":[{\"name\":\"search\"}]}]"},
        // Sorted by name, and with a hole.
        {"{\"gen_ai.prompt.2.content\":\"c\",\"gen_ai.prompt.0.content\":\"a\"}", FIELD_INPUT,
         "[{\"content\":\"a\"},{},{\"content\":\"c\"}]"},
        // What says the same as a whole goes first.
        {"{\"input.value\":\"whole\",\"llm.input_messages.0.message.content\":\"part\"}", FIELD_INPUT, "\"whole\""},
        // LangSmith's exporter has the whole under the name of the list.
        {"{\"gen_ai.prompt\":\"{\\\"messages\\\":[]}\",\"gen_ai.prompt.0.content\":\"part\"}", FIELD_INPUT,
         "\"{\\\"messages\\\":[]}\""},
        // No lists, no ends.
        {"{\"gen_ai.prompt.tokens\":3,\"gen_ai.prompt.99999.content\":\"x\",\"gen_ai.prompt.\":1,\"gen_ai.prompts.0.x\":1}",
         FIELD_INPUT, ""},
        {"{\"gen_ai.prompt.0\":\"x\",\"gen_ai.prompt.0.a\":1,\"gen_ai.prompt.0.a.b\":2,"
         "\"gen_ai.prompt.0.a.0.b\":3}",
         FIELD_INPUT, "[{\"a\":1}]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span s;
        span_of(&s, cases[i].attributes, NULL);
        assert_field(&s, cases[i].field, cases[i].value);
        span_fini(&s);
    }
}

static void reads_messages_that_are_events(void **state)
{
    (void)state;
    struct span s;
    struct message message = {0};
    span_of(&s, "{\"gen_ai.operation.name\":\"chat\"}",
            "[{\"name\":\"gen_ai.system.message\",\"attributes\":{\"content\":\"be brief\"}},"
            "{\"name\":\"gen_ai.user.message\",\"attributes\":{\"content\":\"when?\"}},"
            "{\"name\":\"gen_ai.choice\",\"attributes\":{\"index\":0,\"finish_reason\":\"stop\",\"message\":"
            "\"{\\\"role\\\":\\\"assistant\\\",\\\"content\\\":\\\"soon\\\"}\"}},"
            "{\"name\":\"exception\",\"attributes\":{\"content\":\"no message\"}}]");
    assert_field(&s, FIELD_INPUT,
                 "[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\",\"content\":\"when?\"}]");
    message_read(&message, &s, rules_find(&s, FIELD_OUTPUT));
    assert_str(buf_view(&message.text), "soon");
    message_fini(&message);
    span_fini(&s);
}

static void documents_are_sources(void **state)
{
    (void)state;
    struct span s;
    struct buf out = {0}, keys = {0};
    span_of(
        &s,
        "{\"openinference.span.kind\":\"RETRIEVER\",\"retrieval.documents.0.document.content\":\"c\","
        "\"retrieval.documents.0.document.metadata\":\"{\\\"source\\\":\\\"https://a.example/\\\",\\\"title\\\":\\\"A\\\"}\"}",
        NULL);
    sources_print(&out, &keys, &s, NULL);
    assert_str(buf_view(&out), "[{\"type\":\"web\",\"title\":\"A\",\"url\":\"https://a.example/\",\"snippet\":\"c\"}]");
    buf_fini(&out);
    buf_fini(&keys);
    span_fini(&s);
}

static void long_conversations_are_whole(void **state)
{
    (void)state;
    struct span s;
    span_of(&s, "{\"gen_ai.prompt.299.content\":\"the last\"}", NULL);
    assert_int_equal(value_count(rules_find(&s, FIELD_INPUT)), 300);
    span_fini(&s);
}

// Names of thirty bytes each, of which every one asks for hundreds of objects.
static void holes_have_a_bound(void **state)
{
    (void)state;
    struct span s;
    struct buf attributes = {0};
    size_t objects = 0;
    for (int i = 0; i < 200; i++)
        buf_printf(&attributes, "%c\"gen_ai.prompt.0.m%d.255.x\":1", i ? ',' : '{', i);
    buf_char(&attributes, '}');
    span_of(&s, buf_cstr(&attributes), NULL);
    struct json_object *first = value_at(rules_find(&s, FIELD_INPUT), 0);
    for (int i = 0; i < 200; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "m%d", i);
        objects += value_count(value_get(first, name));
    }
    assert_in_range(objects, 20000, VALUE_COST_MAX / VALUE_COST_OBJECT);
    buf_fini(&attributes);
    span_fini(&s);
}

static void parts_are_known(void **state)
{
    (void)state;
    assert_true(flat_is_part(STR("llm.input_messages.0.message.role")));
    assert_true(flat_is_part(STR("gen_ai.completion.0.content")));
    assert_false(flat_is_part(STR("gen_ai.completion")));
    assert_false(flat_is_part(STR("gen_ai.completion.tokens")));
    assert_false(flat_is_part(STR("gen_ai.completion.0")));
    assert_false(flat_is_part(STR("gen_ai.prompts.0.content")));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_parts_together),   cmocka_unit_test(reads_messages_that_are_events),
        cmocka_unit_test(documents_are_sources), cmocka_unit_test(long_conversations_are_whole),
        cmocka_unit_test(holes_have_a_bound),    cmocka_unit_test(parts_are_known),
    };
    return cmocka_run_group_tests_name("ingest flat", tests, NULL, NULL);
}
