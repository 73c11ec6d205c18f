// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp.h"

#include "ingest/claude.h"
#include "ingest/flat.h"

enum { TRACE_DIGITS = 32, SPAN_DIGITS = 16 };

// Hexadecimal digits, not all of them zero.
static bool is_id(struct str text, size_t digits)
{
    bool is_zero = true;
    if (text.n != digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        char c = text.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
        is_zero = is_zero && c == '0';
    }
    return !is_zero;
}

// The id in lower case: the specification wants them compared without regard to it, and steps are found by their texts.
static struct str lower_id(struct span *s, struct str id)
{
    char lower[TRACE_DIGITS];
    bool has_upper = false;
    for (size_t i = 0; i < id.n; i++) {
        bool is_upper = id.p[i] >= 'A' && id.p[i] <= 'F';
        lower[i] = is_upper ? (char)(id.p[i] - 'A' + 'a') : id.p[i];
        has_upper = has_upper || is_upper;
    }
    if (!has_upper)
        return id;
    struct json_object *text = value_new_text((struct str){lower, id.n});
    value_add(s->scratch, text);
    return value_text(text);
}

// Logfire tells of a span that has begun by another one, under it: its parent is the span that is meant, whose own
// parent is an attribute (sixteen zeros at the root). It has the time of the beginning and no length.
static void apply_pending(struct span *s)
{
    if (!str_eq(value_text(value_get(s->attributes, "logfire.span_type")), STR("pending_span")) || !s->parent.n)
        return;
    struct str parent = value_text(value_get(s->attributes, "logfire.pending_parent_id"));
    s->id = s->parent;
    s->parent = is_id(parent, SPAN_DIGITS) ? lower_id(s, parent) : STR_NONE;
    s->ended_us = 0;
}

static bool has_title(struct span *s)
{
    return value_text(value_get(s->attributes, "logfire.msg")).n > 0;
}

int otlp_take_span(struct tree *tree, struct report *report, struct span *s)
{
    if (!is_id(s->trace, TRACE_DIGITS) || !is_id(s->id, SPAN_DIGITS)) {
        report_refuse(report, STR_NONE, "a span without a valid trace id and span id (log records belong to /v1/logs)");
        return 0;
    }
    s->trace = lower_id(s, s->trace);
    s->id = lower_id(s, s->id);
    s->parent = is_id(s->parent, SPAN_DIGITS) ? lower_id(s, s->parent) : STR_NONE;
    apply_pending(s);
    claude_apply(s);
    flat_gather(s);
    if (has_title(s))
        s->name = value_text(value_get(s->attributes, "logfire.msg"));
    if (tree_add(tree, s))
        return -1;
    report_take(report, STR_NONE);
    return 0;
}

int otlp_take_record(struct tree *tree, struct report *report, struct span *s)
{
    s->trace = is_id(s->trace, TRACE_DIGITS) ? lower_id(s, s->trace) : STR_NONE;
    s->parent = is_id(s->parent, SPAN_DIGITS) ? lower_id(s, s->parent) : STR_NONE;
    if (claude_record(s) && tree_add(tree, s))
        return -1;
    report_take(report, STR_NONE);
    return 0;
}

static enum read_outcome read_signal(const struct delivery *delivery, enum otlp_signal signal, struct tree *tree,
                                     struct report *report)
{
    struct str body = buf_view(&delivery->body);
    return delivery->is_proto ? otlp_read_proto(body, signal, tree, report)
                              : otlp_read_json(body, signal, tree, report);
}

static enum read_outcome read_traces(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    return read_signal(delivery, OTLP_TRACES, tree, report);
}

static enum read_outcome read_logs(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    return read_signal(delivery, OTLP_LOGS, tree, report);
}

static enum read_outcome read_nothing(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    (void)delivery, (void)tree, (void)report;
    return READ_OK;
}

#define RESPONSE(print)                                                                                                \
    {                                                                                                                  \
        200, (print), otlp_response_print_error                                                                        \
    }

const struct protocol otlp_traces = {
    .read = read_traces, .is_typed = true, .response = RESPONSE(otlp_response_print_spans)};
const struct protocol otlp_logs = {
    .read = read_logs, .is_typed = true, .response = RESPONSE(otlp_response_print_records)};
// Of metrics none is refused, so that it has nothing to name.
const struct protocol otlp_metrics = {
    .read = read_nothing, .is_typed = true, .response = RESPONSE(otlp_response_print_spans)};
