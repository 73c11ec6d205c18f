// SPDX-License-Identifier: Apache-2.0
#include "ingest/agents.h"

#include "ingest/items.h"
#include "ingest/when.h"

// Names of the OpenAI Agents SDK 0.20.
static const struct rule rules[] = {
    {FIELD_KIND, ATTRIBUTE, "kind"}, // from type and sdk_span_type, by ingest/agents.c
    {FIELD_THREAD, ATTRIBUTE, "group_id"},
    {FIELD_USER, ATTRIBUTE, "metadata/user_id"},
    {FIELD_TRACE_NAME, ATTRIBUTE, "workflow_name"},
    {FIELD_METADATA, ATTRIBUTE, "metadata"},
    {FIELD_INPUT, ATTRIBUTE, "span_data/input"},
    {FIELD_OUTPUT, ATTRIBUTE, "span_data/output"},
    {FIELD_TOOL_NAME, ATTRIBUTE, "span_data/name"},
    {FIELD_MODEL, ATTRIBUTE, "span_data/model"},
    {FIELD_ERROR_MESSAGE, ATTRIBUTE, "error/data/error"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "span_data/usage/input_tokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "span_data/data/usage/input_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "span_data/usage/output_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "span_data/data/usage/output_tokens"},
    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE, "span_data/data/usage/cached_input_tokens"},
    {FIELD_CACHE_WRITE_TOKENS, ATTRIBUTE, "span_data/data/usage/cache_write_input_tokens"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "span_data/data/usage/total_tokens"},
};

const struct dialect agents_dialect = {
    .source = {"openai-agents", 13},
    .has_texts_in_data = true,
    .sums_tasks = true,
    DIALECT_RULES(rules),
};

// Tasks and turns are spans of type "custom" that say in their data what they are.
static void take_kind(struct span *s)
{
    struct str type = value_text(span_attribute(s, "span_data/type"));
    struct str sdk_type = value_text(span_attribute(s, "span_data/data/sdk_span_type"));
    struct buf kind = {0};
    buf_str(&kind, type);
    if (sdk_type.n) {
        buf_char(&kind, '/');
        buf_str(&kind, sdk_type);
    }
    value_put(s->attributes, STR("kind"), value_new_text(buf_view(&kind)));
    buf_fini(&kind);
}

static void take_name(struct span *s)
{
    s->name = value_text(span_attribute(s, "span_data/name"));
    if (!s->name.n)
        s->name = value_text(span_attribute(s, "span_data/data/name"));
    // Calls of models have none.
    if (!s->name.n)
        s->name = value_text(span_attribute(s, "span_data/type"));
}

static void make_span(struct span *s)
{
    struct json_object *error = value_get(s->attributes, "error");
    s->id = value_text(value_get(s->attributes, "id"));
    s->trace = value_text(value_get(s->attributes, "trace_id"));
    s->parent = value_text(value_get(s->attributes, "parent_id"));
    if (!s->parent.n)
        s->parent = STR_NONE;
    s->started_us = when_value(value_get(s->attributes, "started_at"));
    s->ended_us = when_value(value_get(s->attributes, "ended_at"));
    s->is_failed = value_kind(error) == VALUE_OBJECT;
    s->error = value_text(value_get(error, "message"));
    take_kind(s);
    take_name(s);
}

static int take_item(struct str list, struct str text, struct tree *tree, struct report *report)
{
    (void)list;
    struct json_object *object = value_read(text, &report->replaced);
    struct str type = value_text(value_get(object, "object"));
    struct span s;
    int status = 0;
    span_init(&s, &agents_dialect);
    if (value_kind(object) != VALUE_OBJECT) {
        report_refuse(report, STR_NONE, "an item that is no JSON object, is nested too deeply or holds too much");
        value_free(object);
        goto out;
    }
    value_free(s.attributes);
    s.attributes = object;
    if (str_eq(type, STR("trace")))
        s.trace = value_text(value_get(object, "id"));
    else
        make_span(&s);
    if (!span_has_ids(&s, str_eq(type, STR("trace")))) {
        report_refuse(report, STR_NONE, "an item without its ids");
        goto out;
    }
    status = tree_add(tree, &s);
    if (!status)
        report_take(report, STR_NONE);
out:
    span_fini(&s);
    return status;
}

static enum read_outcome read_items(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    static const char *const lists[] = {"data", NULL};
    return items_read(buf_view(&delivery->body), lists, take_item, tree, report);
}

const struct protocol agents_traces = {.read = read_items, .response = {.success = 200}};
