// SPDX-License-Identifier: Apache-2.0
// What ingest/ makes of what it reads: ids, types, texts, usage, faults, and what it hides.
#include "tests/unit/base.h"

#include "ingest/fault.h"
#include "ingest/agents.h"
#include "ingest/genkit.h"
#include "ingest/langfuse.h"
#include "ingest/langsmith_run.h"
#include "ingest/message.h"
#include "ingest/notes.h"
#include "ingest/otlp.h"
#include "ingest/redact.h"
#include "ingest/step_id.h"
#include "ingest/types.h"
#include "ingest/usage.h"

static void derives_step_ids(void **state)
{
    (void)state;
    static const struct {
        const char *external, *id;
    } cases[] = {
        {"b56f63e61953aabb", "stp_0000000000000BAVV3WRCN7ANV"},
        {"00000000-0000-0000-0000-000000000001", "stp_00000000000000000000000001"},
        {"ffffffff-ffff-ffff-ffff-ffffffffffff", "stp_7ZZZZZZZZZZZZZZZZZZZZZZZZZ"},
        {"span_0123456789abcdef01234567", NULL},
        {"anything the user likes", NULL},
        {"x", NULL},
    };
    char first[ID_SIZE], again[ID_SIZE];
    for (size_t i = 0; i < COUNT(cases); i++) {
        step_id(first, str_from(cases[i].external));
        step_id(again, str_from(cases[i].external));
        assert_true(id_valid(str_from(first), "stp"));
        assert_string_equal(first, again);
        if (cases[i].id)
            assert_string_equal(first, cases[i].id);
    }
    step_id(first, STR("span_0123456789abcdef01234567"));
    step_id(again, STR("0123456789ABCDEF01234567"));
    assert_string_equal(first, again);
    step_id(first, STR("x"));
    step_id(again, STR("y"));
    assert_string_not_equal(first, again);
}

static void hides_keys(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"my key is sk-proj-abcdefghijklmnop, ok", "my key is [redacted], ok"},
        {"lsv2_pt_0123456789abcdef_01", "[redacted]"},
        {"Authorization: Bearer eyJhbGciOi.JIUzI1NiIsI.nR5cCI6", "Authorization: [redacted]"},
        {"atk_0123456789abcdefghij", "[redacted]"},
        {"task-force and disk-usage-of-everything-here", "task-force and disk-usage-of-everything-here"},
        {"sk-short", "sk-short"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = {0};
        redact_text(&out, str_from(cases[i].text));
        assert_str(buf_view(&out), cases[i].shown);
        buf_fini(&out);
    }
    assert_true(redact_is_private(STR("process.command_args")));
    assert_true(redact_is_private(STR("user.email")));
    assert_true(redact_is_private(STR("LANGCHAIN_API_KEY")));
    assert_false(redact_is_private(STR("user.id")));
}

static void span_of(struct span *s, const struct dialect *dialect, const char *attributes)
{
    int64_t replaced = 0;
    span_init(s, dialect);
    value_free(s->attributes);
    s->attributes = value_read(str_from(attributes), &replaced);
    assert_non_null(s->attributes);
}

static void reads_messages_in_all_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *value, *printed;
    } cases[] = {
        {"\"plain\"", "plain"},
        {"{\"choices\":[{\"message\":{\"content\":\"t\",\"reasoning_content\":\"r\",\"tool_calls\":[{\"function\":"
         "{\"name\":\"f\"}}]}}]}",
         "r\n\nt\n\n→ f"},
        {"[{\"role\":\"assistant\",\"parts\":[{\"type\":\"reasoning\",\"content\":\"r\"},{\"type\":\"text\",\"content\":"
         "\"t\"},{\"type\":\"tool_call\",\"name\":\"f\"},{\"type\":\"tool_call_response\",\"response\":\"no\"}]}]",
         "r\n\nt\n\n→ f"},
        {"{\"generations\":[[{\"text\":\"t\",\"message\":{\"kwargs\":{\"content\":\"t\",\"additional_kwargs\":"
         "{\"reasoning_content\":\"r\"},\"tool_calls\":[{\"name\":\"f\"},{\"name\":\"g\"}]}}}]]}",
         "r\n\nt\n\n→ f, g"},
        {"{\"content\":[{\"type\":\"thinking\",\"thinking\":\"r\"},{\"type\":\"text\",\"text\":\"t\"},{\"type\":"
         "\"tool_use\",\"name\":\"f\"}]}",
         "r\n\nt\n\n→ f"},
        {"{\"message\":{\"role\":\"model\",\"content\":[{\"text\":\"t\"},{\"toolRequest\":{\"name\":\"f\"}}]}}",
         "t\n\n→ f"},
        {"{\"messages\":[{\"content\":\"first\"},{\"content\":\"last\"}]}", "last"},
        {"[{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"r\"}]}]", "r"},
        {"null", ""},
        {"{}", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span s;
        struct message m = {0};
        struct buf out = {0};
        int64_t replaced = 0;
        struct json_object *value = value_read(str_from(cases[i].value), &replaced);
        span_of(&s, &otlp_dialect, "{}");
        message_read(&m, &s, value);
        message_print(&out, &m);
        assert_str(buf_view(&out), cases[i].printed);
        value_free(value);
        message_fini(&m);
        buf_fini(&out);
        span_fini(&s);
    }
}

static void finds_the_question(void **state)
{
    (void)state;
    static const struct {
        const char *value, *question;
    } cases[] = {
        {"\"How?\"", "How?"},
        {"{\"messages\":[{\"role\":\"system\",\"content\":\"no\"},{\"role\":\"user\",\"content\":\"How?\"}]}", "How?"},
        {"{\"messages\":[[{\"id\":[\"x\",\"HumanMessage\"],\"kwargs\":{\"content\":\"How?\"}}]]}", "How?"},
        {"[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"How?\"}]}]", "How?"},
        {"{\"args\":[],\"kwargs\":{\"task\":\"How?\"}}", "How?"},
        {"{\"system\":\"no\",\"prompt\":\"How?\"}", "How?"},
        {"{\"anything\":\"How?\"}", "How?"},
        {"17", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span s;
        struct buf out = {0};
        int64_t replaced = 0;
        struct json_object *value = value_read(str_from(cases[i].value), &replaced);
        span_of(&s, &otlp_dialect, "{}");
        message_question(&out, &s, value, 100);
        assert_str(buf_view(&out), cases[i].question);
        value_free(value);
        buf_fini(&out);
        span_fini(&s);
    }
}

static void tells_types_apart(void **state)
{
    (void)state;
    static const struct {
        const struct dialect *dialect;
        const char *attributes, *type;
        enum step_class class;
    } cases[] = {
        {&otlp_dialect, "{\"openinference.span.kind\":\"LLM\"}", "generation", CLASS_MODEL},
        {&otlp_dialect, "{\"gen_ai.operation.name\":\"execute_tool\"}", "tool_call", CLASS_TOOL},
        {&otlp_dialect, "{\"ai.operationId\":\"ai.streamText.doStream\"}", "generation", CLASS_MODEL},
        {&otlp_dialect, "{\"gen_ai.request.model\":\"m\"}", "generation", CLASS_MODEL},
        {&otlp_dialect, "{\"llm.request.type\":\"completion\"}", "generation", CLASS_MODEL},
        {&otlp_dialect, "{\"llm.request.type\":\"rerank\"}", "retrieval", CLASS_RETRIEVAL},
        {&otlp_dialect, "{\"langsmith.span.kind\":\"retriever\",\"gen_ai.operation.name\":\"embeddings\"}", "retrieval",
         CLASS_RETRIEVAL},
        {&otlp_dialect, "{\"gen_ai.tool.name\":\"t\"}", "tool_call", CLASS_TOOL},
        {&otlp_dialect, "{\"gen_ai.operation.name\":\"My Own.Thing!\"}", "my_own_thing", CLASS_OTHER},
        {&otlp_dialect, "{\"gen_ai.operation.name\":\"17\"}", "span", CLASS_OTHER},
        {&otlp_dialect, "{}", "span", CLASS_OTHER},
        {&langsmith_dialect, "{\"run_type\":\"retriever\"}", "retrieval", CLASS_RETRIEVAL},
        {&langsmith_dialect, "{\"run_type\":\"chain\"}", "group", CLASS_GROUP},
        {&langsmith_dialect, "{\"run_type\":\"chain\",\"tags\":[\"langsmith:hidden\"]}", "group", CLASS_HIDDEN},
        {&langsmith_dialect, "{\"run_type\":\"chain\",\"serialized\":{\"id\":[\"x\",\"CompiledStateGraph\"]}}", "agent",
         CLASS_AGENT},
        {&agents_dialect, "{\"kind\":\"custom/turn\"}", "group", CLASS_GROUP},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span s;
        char own[65];
        span_of(&s, cases[i].dialect, cases[i].attributes);
        s.parent = STR("someone");
        struct step_type type = types_of(&s, own);
        assert_str(type.type, cases[i].type);
        assert_int_equal(type.class, cases[i].class);
        span_fini(&s);
    }
}

static void adds_up_usage(void **state)
{
    (void)state;
    static const struct {
        const struct dialect *dialect;
        const char *attributes;
        int64_t input, output, cached, total;
    } cases[] = {
        {&otlp_dialect, "{\"gen_ai.usage.input_tokens\":100,\"gen_ai.usage.output_tokens\":\"20\"}", 100, 20, -1, -1},
        {&otlp_dialect,
         "{\"langfuse.observation.usage_details\":\"{\\\"input\\\":36,\\\"output\\\":13,\\\"total\\\":120,"
         "\\\"input_cache_read\\\":64,\\\"output_reasoning\\\":7}\"}",
         100, 20, 64, 120},
        {&langfuse_dialect, "{\"usage\":{\"input\":100,\"output\":20,\"unit\":\"TOKENS\"}}", 100, 20, -1, -1},
        {&langfuse_dialect,
         "{\"usageDetails\":{\"prompt_tokens\":100,\"prompt_tokens_details\":{\"cached_tokens\":64},"
         "\"completion_tokens\":20,\"completion_tokens_details\":{\"reasoning_tokens\":7},\"total_tokens\":120}}",
         100, 20, 64, 120},
        {&langfuse_dialect, "{\"usageDetails\":{\"input\":36,\"output\":20,\"cache_read_input_tokens\":64}}", 36, 20,
         64, -1},
        {&langfuse_dialect, "{\"usage\":{\"promptTokens\":100,\"completionTokens\":20,\"totalTokens\":120}}", 100, 20,
         -1, 120},
        {&langfuse_dialect,
         "{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":20,\"total_tokens\":120},"
         "\"usageDetails\":{\"prompt_tokens\":100,\"completion_tokens\":20,\"total_tokens\":120}}",
         100, 20, -1, 120},
        {&langsmith_dialect,
         "{\"outputs\":{\"llmOutput\":{\"tokenUsage\":{\"promptTokens\":100,\"completionTokens\":20,"
         "\"totalTokens\":120}}}}",
         100, 20, -1, 120},
        {&langsmith_dialect, "{\"outputs\":{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":20}}}", 100, 20, -1,
         -1},
        {&otlp_dialect,
         "{\"langsmith.usage_metadata\":\"{\\\"input_tokens\\\":100,\\\"output_tokens\\\":20,\\\"input_token_details\\\":"
         "{\\\"cache_read\\\":64}}\"}",
         100, 20, 64, -1},
        {&otlp_dialect,
         "{\"gen_ai.usage.input_tokens\":100,\"gen_ai.usage.output_tokens\":20,\"llm.usage.total_tokens\":120,"
         "\"gen_ai.usage.details.cache_read_tokens\":64}",
         100, 20, 64, 120},
        {&otlp_dialect, "{\"gen_ai.usage.input_tokens\":-5}", -1, -1, -1, -1},
        {&otlp_dialect, "{\"gen_ai.usage.input_tokens\":1e30}", -1, -1, -1, -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span s;
        struct step_usage usage;
        span_of(&s, cases[i].dialect, cases[i].attributes);
        assert_int_equal(usage_read(&s, &usage), cases[i].input >= 0);
        assert_int_equal(usage.counts[USAGE_INPUT], cases[i].input);
        assert_int_equal(usage.counts[USAGE_OUTPUT], cases[i].output);
        assert_int_equal(usage.counts[USAGE_CACHE_READ], cases[i].cached);
        assert_int_equal(usage.counts[USAGE_TOTAL], cases[i].total);
        span_fini(&s);
    }
}

static const struct dialect *const dialects[] = {&otlp_dialect, &langsmith_dialect, &langfuse_dialect, &agents_dialect,
                                                 &genkit_dialect};

static void finds_every_place_that_its_dialect_has(void **state)
{
    (void)state;
    for (size_t d = 0; d < COUNT(dialects); d++) {
        for (size_t i = 0; i < dialects[d]->rules_n; i++) {
            const struct rule *rule = &dialects[d]->rules[i];
            struct span s;
            span_init(&s, dialects[d]);
            s.resource = value_new_object();
            struct str path = str_from(rule->path);
            value_put(rule->place == RESOURCE ? s.resource : s.attributes, path, value_new_text(STR("here")));
            // Longer paths are read through objects, which a test of their own covers.
            if (rule->place == RESOURCE || !memchr(path.p, '/', path.n)) {
                assert_str(rules_text(&s, rule->field), "here");
            }
            assert_true(rules_consumes(dialects[d], rule->field, path));
            value_free(s.resource);
            span_fini(&s);
        }
    }
}

static void keeps_what_only_other_dialects_read(void **state)
{
    (void)state;
    // LangSmith's word for an input is any program's attribute in OTLP, where no field of the step has it.
    assert_true(rules_consumes(&langsmith_dialect, FIELD_INPUT, STR("inputs")));
    assert_false(rules_consumes(&otlp_dialect, FIELD_INPUT, STR("inputs")));
    assert_true(rules_consumes(&otlp_dialect, FIELD_INPUT, STR("input.value")));
    assert_false(rules_consumes(&genkit_dialect, FIELD_INPUT, STR("input.value")));
}

static void tells_cancelled_from_failed(void **state)
{
    (void)state;
    static const struct {
        const char *error, *message;
        bool is_cancelled;
    } cases[] = {
        {"Abort\n\nError: Abort\n    at x", "Abort", true},
        {"AbortError: The operation was aborted", "AbortError: The operation was aborted", true},
        {"asyncio.exceptions.CancelledError", "asyncio.exceptions.CancelledError", true},
        {"connect ECONNREFUSED\r\n at x", "connect ECONNREFUSED", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span s;
        struct fault fault;
        span_of(&s, &langsmith_dialect, "{}");
        assert_false(fault_read(&s, &fault));
        s.is_failed = true;
        s.error = str_from(cases[i].error);
        assert_true(fault_read(&s, &fault));
        assert_str(fault.message, cases[i].message);
        assert_int_equal(fault.is_cancelled, cases[i].is_cancelled);
        span_fini(&s);
    }
}

static void keeps_notes_within_their_bound(void **state)
{
    (void)state;
    struct notes notes = {0};
    assert_null(notes_get(&notes, NOTE_AI, STR("t"), STR_NONE).p);
    for (int i = 0; i < NOTES_MAX + 10; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%d", i);
        notes_set(&notes, NOTE_HIDDEN, STR("t"), str_from(id), STR("above"));
    }
    assert_str(notes_get(&notes, NOTE_HIDDEN, STR("t"), STR("0")), "above");
    assert_null(notes_get(&notes, NOTE_HIDDEN, STR("u"), STR("0")).p);
    assert_null(notes_get(&notes, NOTE_HIDDEN, STR("t"), STR("65540")).p);
    // What is known already can still change.
    notes_set(&notes, NOTE_HIDDEN, STR("t"), STR("0"), STR_NONE);
    assert_str(notes_get(&notes, NOTE_HIDDEN, STR("t"), STR("0")), "");
    notes_fini(&notes);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derives_step_ids),
        cmocka_unit_test(hides_keys),
        cmocka_unit_test(reads_messages_in_all_shapes),
        cmocka_unit_test(finds_the_question),
        cmocka_unit_test(tells_types_apart),
        cmocka_unit_test(adds_up_usage),
        cmocka_unit_test(finds_every_place_that_its_dialect_has),
        cmocka_unit_test(keeps_what_only_other_dialects_read),
        cmocka_unit_test(tells_cancelled_from_failed),
        cmocka_unit_test(keeps_notes_within_their_bound),
    };
    return cmocka_run_group_tests_name("ingest meaning", tests, NULL, NULL);
}
