// SPDX-License-Identifier: Apache-2.0
#include "ingest/langsmith_run.h"

#include "ingest/when.h"

// Names as langsmith-js 0.3 to 0.12 sends them, and what LangChain puts into its runs.
static const struct rule rules[] = {
    {FIELD_KIND, ATTRIBUTE, "run_type"},
    {FIELD_THREAD, ATTRIBUTE, "extra/metadata/thread_id"},
    {FIELD_THREAD, ATTRIBUTE, "extra/metadata/session_id"},
    {FIELD_THREAD, ATTRIBUTE, "extra/metadata/conversation_id"},
    {FIELD_USER, ATTRIBUTE, "extra/metadata/user_id"},
    {FIELD_TAGS, ATTRIBUTE, "tags"},
    {FIELD_ENVIRONMENT, ATTRIBUTE, "extra/metadata/environment"},
    {FIELD_PROJECT, ATTRIBUTE, "session_name"},
    {FIELD_CLIENT, ATTRIBUTE, "extra/runtime/sdk"},
    {FIELD_CLIENT_VERSION, ATTRIBUTE, "extra/runtime/sdk_version"},
    {FIELD_METADATA, ATTRIBUTE, "extra/metadata"},
    {FIELD_TOOLS, ATTRIBUTE, "extra/invocation_params/tools"},
    {FIELD_TOOLS, ATTRIBUTE, "inputs/tools"},
    {FIELD_INPUT, ATTRIBUTE, "inputs"},
    {FIELD_OUTPUT, ATTRIBUTE, "outputs"},
    {FIELD_DOCUMENTS, ATTRIBUTE, "outputs/outputs"},
    {FIELD_DOCUMENTS, ATTRIBUTE, "outputs/documents"},
    {FIELD_MODEL, ATTRIBUTE, "extra/metadata/ls_model_name"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "extra/metadata/usage_metadata/input_tokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "outputs/usage_metadata/input_tokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "outputs/generations/0/0/message/kwargs/usage_metadata/input_tokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "outputs/llmOutput/tokenUsage/promptTokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "outputs/llm_output/token_usage/prompt_tokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "outputs/usage/prompt_tokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "outputs/usage/input_tokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "outputs/message/usage_metadata/input_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "extra/metadata/usage_metadata/output_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/usage_metadata/output_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/generations/0/0/message/kwargs/usage_metadata/output_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/llmOutput/tokenUsage/completionTokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/llm_output/token_usage/completion_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/usage/completion_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/usage/output_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/message/usage_metadata/output_tokens"},
    {FIELD_REASONING_TOKENS, ATTRIBUTE, "extra/metadata/usage_metadata/output_token_details/reasoning"},
    {FIELD_REASONING_TOKENS, ATTRIBUTE, "outputs/usage_metadata/output_token_details/reasoning"},
    {FIELD_REASONING_TOKENS, ATTRIBUTE,
     "outputs/generations/0/0/message/kwargs/usage_metadata/output_token_details/reasoning"},
    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE, "extra/metadata/usage_metadata/input_token_details/cache_read"},
    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE, "outputs/usage_metadata/input_token_details/cache_read"},
    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE,
     "outputs/generations/0/0/message/kwargs/usage_metadata/input_token_details/cache_read"},
    {FIELD_CACHE_WRITE_TOKENS, ATTRIBUTE, "extra/metadata/usage_metadata/input_token_details/cache_creation"},
    {FIELD_CACHE_WRITE_TOKENS, ATTRIBUTE, "outputs/usage_metadata/input_token_details/cache_creation"},
    {FIELD_CACHE_WRITE_TOKENS, ATTRIBUTE,
     "outputs/generations/0/0/message/kwargs/usage_metadata/input_token_details/cache_creation"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "extra/metadata/usage_metadata/total_tokens"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "outputs/usage_metadata/total_tokens"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "outputs/generations/0/0/message/kwargs/usage_metadata/total_tokens"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "outputs/llmOutput/tokenUsage/totalTokens"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "outputs/llm_output/token_usage/total_tokens"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "outputs/usage/total_tokens"},
    {FIELD_COST, ATTRIBUTE, "extra/metadata/usage_metadata/total_cost"},
    {FIELD_COST, ATTRIBUTE, "outputs/usage_metadata/total_cost"},
};

const struct dialect langsmith_dialect = {
    .source = {"langsmith", 9},
    DIALECT_RULES(rules),
};

// dotted_order is "<time>Z<id>" of each ancestor and of the run itself, with full stops between. A patch of old clients
// has neither trace nor parent; the chain has both.
static struct str id_in_chain(struct str chain, bool is_first, size_t from_end)
{
    struct str last[2] = {STR_NONE, STR_NONE};
    while (chain.p) {
        struct str rest = str_cut(&chain, '.');
        (void)str_cut(&rest, 'Z');
        if (is_first)
            return rest;
        last[1] = last[0];
        last[0] = rest;
    }
    return last[from_end];
}

static void take_places(struct span *s, struct str chain, bool is_patch)
{
    s->trace = value_text(value_get(s->attributes, "trace_id"));
    s->parent = value_text(value_get(s->attributes, "parent_run_id"));
    if (!s->trace.n)
        s->trace = id_in_chain(chain, true, 0);
    if (!s->parent.n)
        s->parent = id_in_chain(chain, false, 1);
    if (!s->parent.n || str_eq(s->parent, s->id))
        s->parent = STR_NONE;
    // The REST API leaves traces to the server: a run that says nothing of others begins one, and what is said of its
    // end names nothing but the run itself.
    s->is_trace_unsaid = !s->trace.n;
    s->is_parent_unsaid = !s->parent.n && !chain.n && (s->is_trace_unsaid ? is_patch : !str_eq(s->trace, s->id));
    if (s->is_trace_unsaid)
        s->trace = s->id;
}

// LangSmith's events are {name, time}; those of new tokens, one each, say nothing beyond that there were some.
static struct json_object *kept_events(struct json_object *list)
{
    struct json_object *events = NULL;
    for (size_t i = 0; i < value_count(list); i++) {
        struct json_object *event = value_at(list, i);
        struct str name = value_text(value_get(event, "name"));
        if (!name.n || str_eq(name, STR("start")) || str_eq(name, STR("end")) || str_eq(name, STR("new_token")))
            continue;
        struct json_object *plain = value_new_object();
        if (!events)
            events = value_new_array();
        value_put(plain, STR("name"), value_new_text(name));
        value_put(plain, STR("timeUs"), value_new_i64(when_value(value_get(event, "time"))));
        value_add(events, plain);
    }
    return events;
}

int langsmith_run_take(struct span *s, struct str run, bool is_patch, struct tree *tree, struct report *report)
{
    struct json_object *error = value_get(s->attributes, "error");
    s->id = value_text(value_get(s->attributes, "id"));
    if (!s->id.n)
        s->id = run;
    take_places(s, value_text(value_get(s->attributes, "dotted_order")), is_patch);
    if (!span_has_ids(s, false)) {
        report_refuse(report, STR_NONE, "a run without an id");
        return 0;
    }
    s->name = value_text(value_get(s->attributes, "name"));
    s->started_us = when_value(value_get(s->attributes, "start_time"));
    s->ended_us = when_value(value_get(s->attributes, "end_time"));
    s->is_failed = value_text(error).n > 0;
    s->error = value_text(error);
    s->events = kept_events(value_get(s->attributes, "events"));
    if (tree_add(tree, s))
        return -1;
    report_take(report, s->id);
    return 0;
}
