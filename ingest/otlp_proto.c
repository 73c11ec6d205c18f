// SPDX-License-Identifier: Apache-2.0
// OTLP in protobuf: the frame is walked (ingest/walk.h), one span at a time is decoded by protobuf-c, with an allocator
// that has a bound.
#include "ingest/otlp.h"

#include <stdlib.h>
#include "ingest/otlp.pb-c.h"
#include "ingest/walk.h"
#include "ingest/when.h"

enum { VALUE_DEPTH_MAX = 64 };

// What an item's decoded form and its values may still take: an attribute of two bytes takes hundreds. protobuf-c frees
// without telling sizes, so it only falls until the item is done.
struct allowance {
    size_t left;
    bool is_exceeded;
};

static bool afford(struct allowance *allowance, size_t n)
{
    allowance->is_exceeded = allowance->is_exceeded || n > allowance->left;
    if (allowance->is_exceeded)
        return false;
    allowance->left -= n;
    return true;
}

static void *allot(void *context, size_t n)
{
    return afford(context, n) ? mem_alloc(n) : NULL;
}

static void give_back(void *context, void *p)
{
    (void)context;
    free(p);
}

struct reading {
    enum otlp_signal signal;
    struct tree *tree;
    struct report *report;
    struct json_object *resource;
    struct str scope, scope_version;
    struct allowance allowance;
    ProtobufCAllocator allocator;
    bool is_broken;
    bool is_refused;
};

static struct str view(ProtobufCBinaryData data)
{
    return data.len ? (struct str){(const char *)data.data, data.len} : STR_NONE;
}

static struct json_object *hex_text(ProtobufCBinaryData data)
{
    static const char digits[] = "0123456789abcdef";
    struct buf hex = {0};
    for (size_t i = 0; i < data.len && i < 32; i++) {
        buf_char(&hex, digits[data.data[i] >> 4]);
        buf_char(&hex, digits[data.data[i] & 15]);
    }
    struct json_object *text = value_new_text(buf_view(&hex));
    buf_fini(&hex);
    return text;
}

// Bytes are base64 in JSON (RFC 4648, 4), as protobuf's mapping has it.
static struct json_object *base64_text(ProtobufCBinaryData data)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buf out = {0};
    for (size_t i = 0; i < data.len; i += 3) {
        size_t n = data.len - i < 3 ? data.len - i : 3;
        uint32_t bits = (uint32_t)data.data[i] << 16;
        bits |= n > 1 ? (uint32_t)data.data[i + 1] << 8 : 0;
        bits |= n > 2 ? data.data[i + 2] : 0;
        for (size_t d = 0; d < 4; d++)
            buf_char(&out, d <= n ? digits[(bits >> (18 - 6 * d)) & 63] : '=');
    }
    struct json_object *text = value_new_text(buf_view(&out));
    buf_fini(&out);
    return text;
}

static struct json_object *plain_value(struct reading *r, const Otlp__AnyValue *any, int depth);

static struct json_object *plain_array(struct reading *r, ProtobufCBinaryData data, int depth)
{
    Otlp__ArrayValue *list = NULL;
    if (depth >= VALUE_DEPTH_MAX || !afford(&r->allowance, VALUE_COST_ARRAY))
        return NULL;
    list = otlp__array_value__unpack(&r->allocator, data.len, data.data);
    struct json_object *array = value_new_array();
    for (size_t i = 0; list && i < list->n_values; i++)
        value_add(array, plain_value(r, list->values[i], depth + 1));
    if (list)
        otlp__array_value__free_unpacked(list, &r->allocator);
    return array;
}

static struct json_object *plain_object(struct reading *r, size_t n, Otlp__KeyValue **pairs, int depth)
{
    struct json_object *object = value_new_object();
    for (size_t i = 0; i < n; i++) {
        struct json_object *value = pairs[i]->value ? plain_value(r, pairs[i]->value, depth) : NULL;
        struct json_object *name = value_new_text(view(pairs[i]->key));
        if (value_text(name).n && value)
            value_put(object, value_text(name), value);
        else
            value_free(value);
        value_free(name);
    }
    return object;
}

static struct json_object *plain_list(struct reading *r, ProtobufCBinaryData data, int depth)
{
    Otlp__KeyValueList *list = NULL;
    if (depth >= VALUE_DEPTH_MAX || !afford(&r->allowance, VALUE_COST_OBJECT))
        return NULL;
    list = otlp__key_value_list__unpack(&r->allocator, data.len, data.data);
    struct json_object *object = plain_object(r, list ? list->n_values : 0, list ? list->values : NULL, depth + 1);
    if (list)
        otlp__key_value_list__free_unpacked(list, &r->allocator);
    return object;
}

static struct json_object *plain_value(struct reading *r, const Otlp__AnyValue *any, int depth)
{
    if (!afford(&r->allowance, VALUE_COST_SCALAR))
        return NULL;
    switch (any->value_case) {
    case OTLP__ANY_VALUE__VALUE_STRING_VALUE:
        return value_new_text(view(any->string_value));
    case OTLP__ANY_VALUE__VALUE_BOOL_VALUE:
        return value_new_bool(any->bool_value);
    case OTLP__ANY_VALUE__VALUE_INT_VALUE:
        return value_new_i64(any->int_value);
    case OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE:
        return value_new_double(any->double_value);
    case OTLP__ANY_VALUE__VALUE_ARRAY_VALUE:
        return plain_array(r, any->array_value, depth);
    case OTLP__ANY_VALUE__VALUE_KVLIST_VALUE:
        return plain_list(r, any->kvlist_value, depth);
    case OTLP__ANY_VALUE__VALUE_BYTES_VALUE:
        return base64_text(any->bytes_value);
    case OTLP__ANY_VALUE__VALUE__NOT_SET:
    case _OTLP__ANY_VALUE__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    return NULL;
}

static struct json_object *plain_events(struct reading *r, const Otlp__Span *span)
{
    struct json_object *events = span->n_events ? value_new_array() : NULL;
    for (size_t i = 0; i < span->n_events && afford(&r->allowance, 2 * VALUE_COST_OBJECT); i++) {
        struct json_object *plain = value_new_object();
        value_put(plain, STR("name"), value_new_text(view(span->events[i]->name)));
        value_put(plain, STR("timeUs"), value_new_i64(when_ns(span->events[i]->time_unix_nano)));
        value_put(plain, STR("attributes"),
                  plain_object(r, span->events[i]->n_attributes, span->events[i]->attributes, 0));
        value_add(events, plain);
    }
    return events;
}

static struct json_object *plain_links(struct reading *r, const Otlp__Span *span)
{
    struct json_object *links = span->n_links ? value_new_array() : NULL;
    for (size_t i = 0; i < span->n_links && afford(&r->allowance, 2 * VALUE_COST_OBJECT); i++) {
        struct json_object *plain = value_new_object();
        value_put(plain, STR("traceId"), hex_text(span->links[i]->trace_id));
        value_put(plain, STR("spanId"), hex_text(span->links[i]->span_id));
        value_put(plain, STR("attributes"),
                  plain_object(r, span->links[i]->n_attributes, span->links[i]->attributes, 0));
        value_add(links, plain);
    }
    return links;
}

// A text of the span that lives as long as it.
static struct str keep(struct span *s, struct json_object *text)
{
    value_add(s->scratch, text);
    return value_text(text);
}

static void begin_span(struct reading *r, struct span *s, size_t n, Otlp__KeyValue **attributes)
{
    span_init(s, &otlp_dialect);
    value_free(s->attributes);
    s->attributes = plain_object(r, n, attributes, 0);
    s->resource = r->resource;
    s->scope = keep(s, value_new_text(r->scope));
    s->scope_version = keep(s, value_new_text(r->scope_version));
}

static int take_span(struct reading *r, const Otlp__Span *span)
{
    struct span s;
    begin_span(r, &s, span->n_attributes, span->attributes);
    s.trace = keep(&s, hex_text(span->trace_id));
    s.id = keep(&s, hex_text(span->span_id));
    s.parent = keep(&s, hex_text(span->parent_span_id));
    s.name = keep(&s, value_new_text(view(span->name)));
    s.started_us = when_ns(span->start_time_unix_nano);
    s.ended_us = when_ns(span->end_time_unix_nano);
    s.is_remote_parent = (span->flags & OTLP_FLAGS_REMOTE) == OTLP_FLAGS_REMOTE;
    s.is_failed = span->status && span->status->code == 2;
    s.is_ok = span->status && span->status->code == 1;
    s.error = span->status ? keep(&s, value_new_text(view(span->status->message))) : STR_NONE;
    s.events = plain_events(r, span);
    s.links = plain_links(r, span);
    int status = 0;
    if (!r->allowance.is_exceeded)
        status = otlp_take_span(r->tree, r->report, &s);
    span_fini(&s);
    return status;
}

static int take_record(struct reading *r, const Otlp__LogRecord *record)
{
    struct span s;
    bool has_text = record->body && record->body->value_case == OTLP__ANY_VALUE__VALUE_STRING_VALUE;
    begin_span(r, &s, record->n_attributes, record->attributes);
    s.trace = keep(&s, hex_text(record->trace_id));
    s.parent = keep(&s, hex_text(record->span_id));
    s.name = keep(&s, value_new_text(has_text ? view(record->body->string_value) : view(record->event_name)));
    s.started_us = when_ns(record->time_unix_nano ? record->time_unix_nano : record->observed_time_unix_nano);
    int status = 0;
    if (!r->allowance.is_exceeded)
        status = otlp_take_record(r->tree, r->report, &s);
    span_fini(&s);
    return status;
}

static void read_item(struct reading *r, struct str bytes)
{
    const uint8_t *data = (const uint8_t *)bytes.p;
    r->allowance = (struct allowance){.left = VALUE_COST_MAX};
    Otlp__Span *span = r->signal == OTLP_TRACES ? otlp__span__unpack(&r->allocator, bytes.n, data) : NULL;
    Otlp__LogRecord *record = r->signal == OTLP_LOGS ? otlp__log_record__unpack(&r->allocator, bytes.n, data) : NULL;
    if (span)
        r->is_refused = take_span(r, span) != 0;
    else if (record)
        r->is_refused = take_record(r, record) != 0;
    if ((!span && !record) || r->allowance.is_exceeded)
        report_refuse(r->report, STR_NONE, "an item that cannot be decoded, or holds too much");
    if (span)
        otlp__span__free_unpacked(span, &r->allocator);
    if (record)
        otlp__log_record__free_unpacked(record, &r->allocator);
}

// Calls `each` for the messages that the field `wanted` of `bytes` has.
static void each_in(struct reading *r, struct str bytes, uint32_t wanted, void (*each)(struct reading *, struct str))
{
    struct walk w = {.rest = bytes};
    uint32_t number;
    struct str message;
    while (!r->is_refused && walk_next(&w, &number, &message))
        if (number == wanted)
            each(r, message);
    r->is_broken = r->is_broken || w.is_broken;
}

static void read_scope_name(struct reading *r, struct str bytes)
{
    struct walk w = {.rest = bytes};
    uint32_t number;
    struct str text;
    while (walk_next(&w, &number, &text)) {
        if (number == 1)
            r->scope = text;
        else if (number == 2)
            r->scope_version = text;
    }
}

// The numbers are the same for traces and logs: ScopeSpans and ScopeLogs have scope = 1 and items = 2, ResourceSpans
// and ResourceLogs have resource = 1 and scopes = 2.
static void read_scope(struct reading *r, struct str bytes)
{
    r->scope = r->scope_version = STR_NONE;
    each_in(r, bytes, 1, read_scope_name);
    each_in(r, bytes, 2, read_item);
}

static void read_resource_attributes(struct reading *r, struct str bytes)
{
    r->allowance = (struct allowance){.left = VALUE_COST_MAX};
    Otlp__Resource *resource = otlp__resource__unpack(&r->allocator, bytes.n, (const uint8_t *)bytes.p);
    if (!resource)
        return;
    value_free(r->resource);
    r->resource = plain_object(r, resource->n_attributes, resource->attributes, 0);
    otlp__resource__free_unpacked(resource, &r->allocator);
}

static void read_resource(struct reading *r, struct str bytes)
{
    each_in(r, bytes, 1, read_resource_attributes);
    each_in(r, bytes, 2, read_scope);
    value_free(r->resource);
    r->resource = NULL;
}

enum read_outcome otlp_read_proto(struct str body, enum otlp_signal signal, struct tree *tree, struct report *report)
{
    struct reading r = {.signal = signal, .tree = tree, .report = report};
    r.allocator = (ProtobufCAllocator){allot, give_back, &r.allowance};
    each_in(&r, body, 1, read_resource);
    if (r.is_refused)
        return READ_UNAVAILABLE;
    return report_end(report, r.is_broken, "the body ends within a field; what came before that was taken");
}
