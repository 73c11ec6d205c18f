// SPDX-License-Identifier: Apache-2.0
#include "ingest/langfuse.h"

#include "base/jw.h"
#include "ingest/items.h"
#include "ingest/scan.h"
#include "ingest/when.h"

// Names of langfuse 3.
static const struct rule rules[] = {
    {FIELD_KIND, ATTRIBUTE, "observation_type"}, // from the event's type, put there by ingest/langfuse.c
    {FIELD_THREAD, ATTRIBUTE, "sessionId"},
    {FIELD_USER, ATTRIBUTE, "userId"},
    {FIELD_TRACE_NAME, ATTRIBUTE, "trace_name"}, // of trace-create, by ingest/langfuse.c
    {FIELD_TAGS, ATTRIBUTE, "tags"},
    {FIELD_ENVIRONMENT, ATTRIBUTE, "environment"},
    {FIELD_METADATA, ATTRIBUTE, "trace_metadata"},
    {FIELD_INPUT, ATTRIBUTE, "input"},
    {FIELD_OUTPUT, ATTRIBUTE, "output"},
    {FIELD_MODEL, ATTRIBUTE, "model"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "usage/input"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "usage/promptTokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "usage/prompt_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "usage/output"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "usage/completionTokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "usage/completion_tokens"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "usage/total"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "usage/totalTokens"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "usage/total_tokens"},
    {FIELD_COST, ATTRIBUTE, "usage/totalCost"},
    {FIELD_COST, ATTRIBUTE, "costDetails/total"},
};

const struct dialect langfuse_dialect = {
    .source = {"langfuse", 8},
    DIALECT_RULES(rules),
};

// Langfuse spells failures as a level.
static void take_fault(struct span *s)
{
    s->is_failed = str_eq(value_text(value_get(s->attributes, "level")), STR("ERROR"));
    s->error = value_text(value_get(s->attributes, "statusMessage"));
}

// Kinds of events, by their first word. What is neither a trace nor an observation is taken and not kept.
static const struct event_kind {
    struct str word;
    enum { EVENT_TRACE, EVENT_OBSERVATION, EVENT_OTHER } kind;
} event_kinds[] = {
    {{"trace", 5}, EVENT_TRACE},           {{"observation", 11}, EVENT_OBSERVATION},
    {{"span", 4}, EVENT_OBSERVATION},      {{"generation", 10}, EVENT_OBSERVATION},
    {{"event", 5}, EVENT_OBSERVATION},     {{"agent", 5}, EVENT_OBSERVATION},
    {{"tool", 4}, EVENT_OBSERVATION},      {{"chain", 5}, EVENT_OBSERVATION},
    {{"retriever", 9}, EVENT_OBSERVATION}, {{"evaluator", 9}, EVENT_OBSERVATION},
    {{"embedding", 9}, EVENT_OBSERVATION}, {{"guardrail", 9}, EVENT_OBSERVATION},
    {{"score", 5}, EVENT_OTHER},           {{"sdk", 3}, EVENT_OTHER},
    {{"dataset", 7}, EVENT_OTHER},
};

static const struct event_kind *event_kind_of(struct str type)
{
    struct str word = str_cut(&type, '-');
    for (size_t i = 0; i < sizeof event_kinds / sizeof event_kinds[0]; i++)
        if (str_eq(word, event_kinds[i].word))
            return &event_kinds[i];
    return NULL;
}

// An event about an observation: "generation-create", "span-update", "event-create".
static void make_observation(struct span *s, struct str type)
{
    struct str word = str_cut(&type, '-');
    struct str said = value_text(value_get(s->attributes, "type"));
    // "observation-create" has the type in its body.
    if (str_eq(word, STR("observation")) && said.n)
        word = said;
    value_put(s->attributes, STR("observation_type"), value_new_text(word));
    s->id = value_text(value_get(s->attributes, "id"));
    s->trace = value_text(value_get(s->attributes, "traceId"));
    s->parent = value_text(value_get(s->attributes, "parentObservationId"));
    s->name = value_text(value_get(s->attributes, "name"));
    s->started_us = when_value(value_get(s->attributes, "startTime"));
    s->ended_us = when_value(value_get(s->attributes, "endTime"));
    if (str_eq(word, STR("event")))
        s->ended_us = s->started_us;
    if (!s->parent.n)
        s->parent = STR_NONE;
    // An update repeats nothing of what the creation said.
    s->is_parent_unsaid = !s->parent.n && str_eq(type, STR("update"));
    // An observation without a trace is one, or has been told of before.
    s->is_trace_unsaid = !s->trace.n;
    if (s->is_trace_unsaid)
        s->trace = s->id;
    take_fault(s);
}

static void make_trace(struct span *s)
{
    struct json_object *name = value_get(s->attributes, "name"), *metadata = value_get(s->attributes, "metadata");
    s->trace = value_text(value_get(s->attributes, "id"));
    s->started_us = when_value(value_get(s->attributes, "timestamp"));
    if (value_text(name).n)
        value_put(s->attributes, STR("trace_name"), value_new_text(value_text(name)));
    if (value_kind(metadata) == VALUE_OBJECT) {
        struct buf json = {0};
        value_print(&json, metadata, NULL, NULL);
        value_put(s->attributes, STR("trace_metadata"), value_new_text(buf_view(&json)));
        buf_fini(&json);
    }
}

static int take_event(struct str list, struct str text, struct tree *tree, struct report *report)
{
    (void)list;
    int64_t replaced = 0;
    struct json_object *id = value_read(scan_member(text, "id"), &replaced);
    struct json_object *type = value_read(scan_member(text, "type"), &replaced);
    struct json_object *body = value_read(scan_member(text, "body"), &report->replaced);
    struct str name = value_text(type), item = value_text(id);
    struct span s;
    int status = 0;
    const struct event_kind *kind = event_kind_of(name);
    span_init(&s, &langfuse_dialect);
    if (value_kind(body) != VALUE_OBJECT || !kind) {
        report_refuse(report, item, "an event without a known type and a body, nested too deeply, or holding too much");
        value_free(body);
        goto out;
    }
    value_free(s.attributes);
    s.attributes = body;
    if (kind->kind == EVENT_OTHER) {
        report_take(report, item);
        goto out;
    }
    if (kind->kind == EVENT_TRACE)
        make_trace(&s);
    else
        make_observation(&s, name);
    if (!span_has_ids(&s, kind->kind == EVENT_TRACE)) {
        report_refuse(report, item, "an event whose body has no id");
        goto out;
    }
    status = tree_add(tree, &s);
    if (!status)
        report_take(report, item);
out:
    span_fini(&s);
    value_free(id);
    value_free(type);
    return status;
}

static enum read_outcome read_events(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    static const char *const lists[] = {"batch", NULL};
    report->lists_items = true;
    return items_read(buf_view(&delivery->body), lists, take_event, tree, report);
}

static void print_items(struct buf *b, bool is_proto, const struct report *report)
{
    (void)is_proto;
    jw_open(b, '{');
    jw_key(b, "successes");
    jw_open(b, '[');
    buf_str(b, buf_view(&report->successes));
    jw_close(b, ']');
    jw_key(b, "errors");
    jw_open(b, '[');
    buf_str(b, buf_view(&report->errors));
    jw_close(b, ']');
    jw_close(b, '}');
}

const struct protocol langfuse_events = {.read = read_events, .response = {.success = 207, .print = print_items}};
