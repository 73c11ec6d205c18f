// SPDX-License-Identifier: Apache-2.0
// OTLP in JSON (protobuf's JSON mapping with hexadecimal ids): a body is walked span by span.
#include "ingest/otlp.h"

#include "ingest/scan.h"
#include "ingest/when.h"

struct reading {
    enum otlp_signal signal;
    struct tree *tree;
    struct report *report;
    struct json_object *resource;
    struct json_object *scope;
    bool is_broken;
    bool is_refused;
};

static struct json_object *plain_value(struct json_object *any);

static struct json_object *plain_array(struct json_object *values)
{
    struct json_object *array = value_new_array();
    for (size_t i = 0; i < value_count(values); i++)
        value_add(array, plain_value(value_at(values, i)));
    return array;
}

// A list of {key, value} as an object.
static struct json_object *plain_object(struct json_object *list)
{
    struct json_object *object = value_new_object();
    for (size_t i = 0; i < value_count(list); i++) {
        struct json_object *pair = value_at(list, i);
        struct str key = value_text(value_get(pair, "key"));
        struct json_object *value = plain_value(value_get(pair, "value"));
        if (key.n && value)
            value_put(object, key, value);
        else
            value_free(value);
    }
    return object;
}

// An AnyValue (common.proto) as the value that it stands for. Depth is bounded by the reader.
static struct json_object *plain_value(struct json_object *any)
{
    struct json_object *value;
    if ((value = value_get(any, "stringValue")) || (value = value_get(any, "bytesValue")))
        return value_text(value).p ? value_new_text(value_text(value)) : NULL;
    if ((value = value_get(any, "boolValue")))
        return value_new_bool(value_true(value));
    if ((value = value_get(any, "intValue")))
        return value_new_i64(value_i64(value, 0));
    if ((value = value_get(any, "doubleValue")))
        return value_kind(value) == VALUE_NUMBER ? value_new_double(value_double(value, 0)) : NULL;
    if ((value = value_get(any, "arrayValue")))
        return plain_array(value_get(value, "values"));
    if ((value = value_get(any, "kvlistValue")))
        return plain_object(value_get(value, "values"));
    return NULL;
}

// 64 bits are texts of digits in protobuf's JSON; numbers are taken too.
static int64_t time_of(struct json_object *object, const char *key)
{
    int64_t ns = value_i64(value_get(object, key), 0);
    return ns > 0 ? when_ns((uint64_t)ns) : 0;
}

static struct json_object *plain_events(struct json_object *list)
{
    struct json_object *events = NULL;
    for (size_t i = 0; i < value_count(list); i++) {
        struct json_object *event = value_at(list, i), *plain = value_new_object();
        if (!events)
            events = value_new_array();
        value_put(plain, STR("name"), value_new_text(value_text(value_get(event, "name"))));
        value_put(plain, STR("timeUs"), value_new_i64(time_of(event, "timeUnixNano")));
        value_put(plain, STR("attributes"), plain_object(value_get(event, "attributes")));
        value_add(events, plain);
    }
    return events;
}

static struct json_object *plain_links(struct json_object *list)
{
    struct json_object *links = NULL;
    for (size_t i = 0; i < value_count(list); i++) {
        struct json_object *link = value_at(list, i), *plain = value_new_object();
        if (!links)
            links = value_new_array();
        value_put(plain, STR("traceId"), value_new_text(value_text(value_get(link, "traceId"))));
        value_put(plain, STR("spanId"), value_new_text(value_text(value_get(link, "spanId"))));
        value_put(plain, STR("attributes"), plain_object(value_get(link, "attributes")));
        value_add(links, plain);
    }
    return links;
}

static void take_attributes(struct span *s, struct json_object *list)
{
    value_free(s->attributes);
    s->attributes = plain_object(list);
}

static int take_span(struct reading *r, struct span *s, struct json_object *object)
{
    struct json_object *status = value_get(object, "status");
    struct json_object *code = value_get(status, "code");
    s->trace = value_text(value_get(object, "traceId"));
    s->id = value_text(value_get(object, "spanId"));
    s->parent = value_text(value_get(object, "parentSpanId"));
    s->name = value_text(value_get(object, "name"));
    s->started_us = time_of(object, "startTimeUnixNano");
    s->ended_us = time_of(object, "endTimeUnixNano");
    s->is_remote_parent = (value_i64(value_get(object, "flags"), 0) & OTLP_FLAGS_REMOTE) == OTLP_FLAGS_REMOTE;
    s->is_failed = value_i64(code, 0) == 2 || str_eq(value_text(code), STR("STATUS_CODE_ERROR"));
    s->is_ok = value_i64(code, 0) == 1 || str_eq(value_text(code), STR("STATUS_CODE_OK"));
    s->error = value_text(value_get(status, "message"));
    s->events = plain_events(value_get(object, "events"));
    s->links = plain_links(value_get(object, "links"));
    return otlp_take_span(r->tree, r->report, s);
}

static int take_record(struct reading *r, struct span *s, struct json_object *object)
{
    s->trace = value_text(value_get(object, "traceId"));
    s->parent = value_text(value_get(object, "spanId"));
    s->started_us = time_of(object, "timeUnixNano");
    if (!s->started_us)
        s->started_us = time_of(object, "observedTimeUnixNano");
    s->name = value_text(value_get(value_get(object, "body"), "stringValue"));
    if (!s->name.n)
        s->name = value_text(value_get(object, "eventName"));
    return otlp_take_record(r->tree, r->report, s);
}

static int take_item(struct reading *r, struct str text)
{
    struct json_object *object = value_read(text, &r->report->replaced);
    struct span s;
    int status = 0;
    if (value_kind(object) != VALUE_OBJECT) {
        report_refuse(r->report, STR_NONE, "an item that is no JSON object, is nested too deeply or holds too much");
        value_free(object);
        return 0;
    }
    span_init(&s, &otlp_dialect);
    s.resource = r->resource;
    s.scope = value_text(value_get(r->scope, "name"));
    s.scope_version = value_text(value_get(r->scope, "version"));
    take_attributes(&s, value_get(object, "attributes"));
    status = r->signal == OTLP_TRACES ? take_span(r, &s, object) : take_record(r, &s, object);
    span_fini(&s);
    value_free(object);
    return status;
}

// Calls `each` for the elements of all arrays under `key` in the object `text`.
static void each_in(struct reading *r, struct str text, const char *key, void (*each)(struct reading *, struct str))
{
    struct scan object, array;
    struct str name, value, ignored, element;
    if (!scan_open(&object, text) || !object.is_object) {
        r->is_broken = true;
        return;
    }
    while (!r->is_refused && scan_next(&object, &name, &value)) {
        if (!str_eq(name, str_from(key)) || !scan_open(&array, value) || array.is_object)
            continue;
        while (!r->is_refused && scan_next(&array, &ignored, &element))
            each(r, element);
        r->is_broken = r->is_broken || array.is_broken;
    }
    r->is_broken = r->is_broken || object.is_broken;
}

static void read_item(struct reading *r, struct str text)
{
    r->is_refused = take_item(r, text) != 0;
}

static void read_scope(struct reading *r, struct str text)
{
    r->scope = value_read(scan_member(text, "scope"), &r->report->replaced);
    each_in(r, text, r->signal == OTLP_TRACES ? "spans" : "logRecords", read_item);
    value_free(r->scope);
    r->scope = NULL;
}

static void read_resource(struct reading *r, struct str text)
{
    struct json_object *resource = value_read(scan_member(text, "resource"), &r->report->replaced);
    r->resource = plain_object(value_get(resource, "attributes"));
    each_in(r, text, r->signal == OTLP_TRACES ? "scopeSpans" : "scopeLogs", read_scope);
    value_free(r->resource);
    r->resource = NULL;
    value_free(resource);
}

enum read_outcome otlp_read_json(struct str body, enum otlp_signal signal, struct tree *tree, struct report *report)
{
    struct reading r = {.signal = signal, .tree = tree, .report = report};
    each_in(&r, body, signal == OTLP_TRACES ? "resourceSpans" : "resourceLogs", read_resource);
    if (r.is_refused)
        return READ_UNAVAILABLE;
    return report_end(report, r.is_broken, REPORT_NO_JSON);
}
