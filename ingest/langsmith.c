// SPDX-License-Identifier: Apache-2.0
#include "ingest/langsmith.h"

#include "ingest/multipart.h"
#include "ingest/scan.h"
#include "ingest/when.h"

enum { ID_MAX = 200 };

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
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "extra/metadata/usage_metadata/output_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/usage_metadata/output_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/generations/0/0/message/kwargs/usage_metadata/output_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/llmOutput/tokenUsage/completionTokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/llm_output/token_usage/completion_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "outputs/usage/completion_tokens"},
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

static void take_places(struct span *s, struct str chain)
{
    s->trace = value_text(value_get(s->attributes, "trace_id"));
    s->parent = value_text(value_get(s->attributes, "parent_run_id"));
    if (!s->trace.n)
        s->trace = id_in_chain(chain, true, 0);
    if (!s->parent.n)
        s->parent = id_in_chain(chain, false, 1);
    // A run that says nothing of others is a trace of its own.
    if (!s->trace.n)
        s->trace = s->id;
    if (!s->parent.n || str_eq(s->parent, s->id))
        s->parent = STR_NONE;
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

// Gives the run whose object is s->attributes to the tree.
static int take_run(struct span *s, struct str run, struct tree *tree, struct report *report)
{
    struct json_object *error = value_get(s->attributes, "error");
    s->id = value_text(value_get(s->attributes, "id"));
    if (!s->id.n)
        s->id = run;
    if (!s->id.n || s->id.n > ID_MAX) {
        report_refuse(report, STR_NONE, "a run without an id");
        return 0;
    }
    take_places(s, value_text(value_get(s->attributes, "dotted_order")));
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

// What a multipart body says of one run, part by part.
struct gathering {
    struct span span;
    struct str operation; // "post.<run>"
    bool is_open;
    struct tree *tree;
    struct report *report;
};

static int finish(struct gathering *g)
{
    int status = 0;
    if (!g->is_open)
        return 0;
    struct str run = g->operation;
    (void)str_cut(&run, '.');
    status = take_run(&g->span, run, g->tree, g->report);
    span_fini(&g->span);
    g->is_open = false;
    return status;
}

static int begin_run(struct gathering *g, struct str operation, struct json_object *run)
{
    if (finish(g)) {
        value_free(run);
        return -1;
    }
    span_init(&g->span, &langsmith_dialect);
    value_free(g->span.attributes);
    g->span.attributes = run;
    g->operation = operation;
    g->is_open = true;
    return 0;
}

// "post.<run>.inputs": the operation is "post.<run>", the field "inputs". A run's id has no full stop.
static struct str split_name(struct str name, struct str *field)
{
    struct str rest = name;
    struct str verb = str_cut(&rest, '.');
    struct str run = str_cut(&rest, '.');
    *field = rest;
    return run.p ? (struct str){name.p, verb.n + 1 + run.n} : STR_NONE;
}

// Files are counted, not kept: a trace shows texts.
static void note_attachment(struct gathering *g, const struct multipart_part *part)
{
    struct json_object *list = value_get(g->span.attributes, "attachments");
    struct json_object *file = value_new_object();
    if (!list) {
        list = value_new_array();
        value_put(g->span.attributes, STR("attachments"), list);
    }
    value_put(file, STR("name"), value_new_text(part->name));
    value_put(file, STR("type"), value_new_text(part->type));
    value_put(file, STR("bytes"), value_new_i64((int64_t)part->content.n));
    value_add(list, file);
}

// Names are of our own alphabet: they become ids and keys.
static bool is_plain(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
              c == '_'))
            return false;
    }
    return true;
}

static int take_part(struct gathering *g, const struct multipart_part *part)
{
    struct str field;
    struct str operation = split_name(part->name, &field);
    bool is_run = str_starts(operation, STR("post.")) || str_starts(operation, STR("patch."));
    if (str_starts(part->name, STR("attachment."))) {
        if (g->is_open)
            note_attachment(g, part);
        return 0;
    }
    // Feedback is no part of a run.
    if (!is_run)
        return 0;
    if (!is_plain(part->name)) {
        report_refuse(g->report, STR_NONE, "a part whose name is no name of a run");
        return 0;
    }
    struct json_object *value = value_read(part->content, &g->report->replaced);
    if (!field.p) {
        if (value_kind(value) == VALUE_OBJECT)
            return begin_run(g, operation, value);
        report_refuse(g->report, STR_NONE, "a run that is no JSON object, is nested too deeply or holds too much");
        value_free(value);
        return finish(g);
    }
    if (!g->is_open || !str_eq(operation, g->operation)) {
        report_refuse(g->report, STR_NONE, "a field that does not follow its run");
        value_free(value);
    } else if (value) {
        value_put(g->span.attributes, field, value);
    }
    return 0;
}

static enum read_outcome read_multipart(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    struct multipart m;
    struct multipart_part part;
    struct gathering g = {.tree = tree, .report = report};
    int status = 0;
    if (!multipart_open(&m, delivery->content_type, buf_view(&delivery->body)))
        return READ_BROKEN;
    while (!status && multipart_next(&m, &part))
        status = take_part(&g, &part);
    if (!status)
        status = finish(&g);
    else if (g.is_open)
        span_fini(&g.span);
    if (status)
        return READ_UNAVAILABLE;
    if (m.is_broken && report->taken + report->refused == 0)
        return READ_BROKEN;
    if (m.is_broken)
        report_refuse(report, STR_NONE, "the body ends before its last boundary; what came before that was taken");
    return READ_OK;
}

static int take_object(struct str text, struct str run, struct tree *tree, struct report *report)
{
    struct json_object *object = value_read(text, &report->replaced);
    struct span s;
    if (value_kind(object) != VALUE_OBJECT) {
        report_refuse(report, STR_NONE, "a run that is no JSON object, is nested too deeply or holds too much");
        value_free(object);
        return 0;
    }
    span_init(&s, &langsmith_dialect);
    value_free(s.attributes);
    s.attributes = object;
    int status = take_run(&s, run, tree, report);
    span_fini(&s);
    return status;
}

static enum read_outcome read_batch(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    struct scan object, array;
    struct str key, value, ignored, element;
    if (!scan_open(&object, buf_view(&delivery->body)) || !object.is_object)
        return READ_BROKEN;
    while (scan_next(&object, &key, &value)) {
        if ((!str_eq(key, STR("post")) && !str_eq(key, STR("patch"))) || !scan_open(&array, value) || array.is_object)
            continue;
        while (scan_next(&array, &ignored, &element))
            if (take_object(element, STR_NONE, tree, report))
                return READ_UNAVAILABLE;
    }
    if (object.is_broken && report->taken + report->refused == 0)
        return READ_BROKEN;
    if (object.is_broken)
        report_refuse(report, STR_NONE, "the body ends, or goes on, as no JSON does; what came before that was taken");
    return READ_OK;
}

static enum read_outcome read_run(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    struct str body = buf_view(&delivery->body);
    struct scan object;
    if (!scan_open(&object, body) || !object.is_object)
        return READ_BROKEN;
    return take_object(body, delivery->item, tree, report) ? READ_UNAVAILABLE : READ_OK;
}

const struct protocol langsmith_multipart = {.read = read_multipart, .response = {.success = 202}};
const struct protocol langsmith_batch = {.read = read_batch, .response = {.success = 202}};
const struct protocol langsmith_run = {.read = read_run, .response = {.success = 202}};

struct str langsmith_info(void)
{
    return STR(
        "{\"version\":\"0.13.0\",\"instance_flags\":{\"gzip_body_enabled\":true},"
        "\"batch_ingest_config\":{\"use_multipart_endpoint\":true,\"size_limit\":1,\"size_limit_bytes\":20971520,"
        "\"scale_up_qsize_trigger\":1000,\"scale_up_nthreads_limit\":16,\"scale_down_nempty_trigger\":4}}");
}
