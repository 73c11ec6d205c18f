// SPDX-License-Identifier: Apache-2.0
#include "ingest/genkit.h"

#include "ingest/scan.h"
#include "ingest/when.h"

// Names of Genkit 1.42.
static const struct rule rules[] = {
    {FIELD_KIND, ATTRIBUTE, "genkit:metadata:subtype"},
    {FIELD_KIND, ATTRIBUTE, "genkit:type"},
    {FIELD_THREAD, ATTRIBUTE, "genkit:sessionId"},
    {FIELD_INPUT, ATTRIBUTE, "genkit:input"},
    {FIELD_OUTPUT, ATTRIBUTE, "genkit:output"},
    {FIELD_TOOL_NAME, ATTRIBUTE, "genkit:name"},
    {FIELD_MODEL, ATTRIBUTE, "genkit:model"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "genkit:output/usage/inputTokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "genkit:output/usage/outputTokens"},
    {FIELD_REASONING_TOKENS, ATTRIBUTE, "genkit:output/usage/thoughtsTokens"},
    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE, "genkit:output/usage/cachedContentTokens"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "genkit:output/usage/totalTokens"},
};

const struct dialect genkit_dialect = {
    .source = {"genkit", 6},
    DIALECT_RULES(rules),
};

static void make_span(struct span *s, struct json_object *object)
{
    struct json_object *status = value_get(object, "status");
    s->trace = value_text(value_get(object, "traceId"));
    s->id = value_text(value_get(object, "spanId"));
    s->parent = value_text(value_get(object, "parentSpanId"));
    if (!s->parent.n)
        s->parent = STR_NONE;
    s->name = value_text(value_get(object, "displayName"));
    s->started_us = when_value(value_get(object, "startTime"));
    s->ended_us = when_value(value_get(object, "endTime"));
    s->is_failed = value_i64(value_get(status, "code"), 0) == 2 ||
                   str_eq(value_text(value_get(s->attributes, "genkit:state")), STR("error"));
    s->error = value_text(value_get(status, "message"));
}

static bool moves_attribute(void *context, struct str key, struct json_object *value)
{
    struct span *s = context;
    struct buf json = {0};
    int64_t replaced = 0;
    if (value_kind(value) == VALUE_TEXT) {
        value_put(s->attributes, key, value_new_text(value_text(value)));
        return true;
    }
    value_print(&json, value, NULL, NULL);
    value_put(s->attributes, key, value_read(buf_view(&json), &replaced));
    buf_fini(&json);
    return true;
}

static int take_span(struct str trace, struct str text, struct tree *tree, struct report *report)
{
    struct json_object *object = value_read(text, &report->replaced);
    struct span s;
    int status = 0;
    span_init(&s, &genkit_dialect);
    value_each(value_get(object, "attributes"), moves_attribute, &s);
    make_span(&s, object);
    if (!s.trace.n)
        s.trace = trace;
    if (!span_has_ids(&s, false)) {
        report_refuse(report, STR_NONE, "a span that is no JSON object, has no ids, or holds too much");
    } else {
        status = tree_add(tree, &s);
        if (!status)
            report_take(report, STR_NONE);
    }
    span_fini(&s);
    value_free(object);
    return status;
}

static enum read_outcome read_trace(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    struct str body = buf_view(&delivery->body);
    struct scan spans;
    struct str key, value;
    int64_t replaced = 0;
    int status = 0;
    struct str list = scan_member(body, "spans");
    struct json_object *trace = value_read(scan_member(body, "traceId"), &replaced);
    bool is_open = scan_open(&spans, list) && spans.is_object;
    while (is_open && !status && scan_next(&spans, &key, &value))
        status = take_span(value_text(trace), value, tree, report);
    value_free(trace);
    if (status)
        return READ_UNAVAILABLE;
    return is_open ? report_end(report, spans.is_broken, REPORT_NO_JSON) : READ_BROKEN;
}

const struct protocol genkit_traces = {.read = read_trace, .response = {.success = 200}};
