// SPDX-License-Identifier: Apache-2.0
#include "ingest/kept.h"

#include "base/jw.h"
#include "ingest/flat.h"
#include "ingest/redact.h"
#include "ingest/rules.h"

void kept_note(struct kept *cut, const char *field)
{
    for (size_t i = 0; i < cut->n; i++)
        if (strcmp(cut->names[i], field) == 0)
            return;
    if (cut->n < KEPT_NAMES_MAX)
        cut->names[cut->n++] = field;
}

// An array within bounds: what does not fit is counted in a last element.
static struct str print_list(struct arena *a, struct json_object *list, value_filter *filter)
{
    struct buf json = {0};
    size_t n = value_count(list), printed = 0;
    if (n == 0)
        return STR_NONE;
    jw_open(&json, '[');
    for (; printed < n && printed < INGEST_EVENTS_MAX; printed++) {
        size_t before = json.n;
        value_print(&json, value_at(list, printed), filter, filter ? redact_is_private : NULL);
        if (json.n > INGEST_ATTRIBUTES_MAX) {
            json.n = before;
            break;
        }
    }
    if (printed < n) {
        jw_open(&json, '{');
        jw_member_i64(&json, "omitted", (int64_t)(n - printed));
        jw_close(&json, '}');
    }
    jw_close(&json, ']');
    struct str kept = arena_str(a, buf_view(&json));
    buf_fini(&json);
    return kept;
}

void kept_events(struct arena *a, struct span *s, struct step *step, value_filter *filter)
{
    step->events = print_list(a, s->events, filter);
    step->links = print_list(a, s->links, filter);
}

struct printing {
    struct buf json;
    value_filter *filter;
    const struct dialect *dialect;
    int64_t omitted;
};

// Attributes that a field of the step has whole. Those of a kind that keeps no input are not kept here either.
static bool is_taken(const struct dialect *dialect, struct str key)
{
    static const enum field fields[] = {FIELD_INPUT,      FIELD_OUTPUT, FIELD_REASONING,
                                        FIELD_TOOL_CALLS, FIELD_TOOLS,  FIELD_SYSTEM_PROMPT};
    // The frame of a run, which its step is made of; and what a framework says of itself in every run.
    static const struct str frame[] = {
        {"id", 2},        {"trace_id", 8},      {"parent_run_id", 13}, {"dotted_order", 12},
        {"name", 4},      {"start_time", 10},   {"end_time", 8},       {"child_runs", 10},
        {"run_type", 8},  {"session_name", 12}, {"serialized", 10},    {"events", 6},
        {"inputs", 6},    {"outputs", 7},       {"traceId", 7},        {"parentObservationId", 19},
        {"startTime", 9}, {"endTime", 7},       {"parent_id", 9},      {"started_at", 10},
        {"ended_at", 8},  {"object", 6},
    };
    for (size_t i = 0; !dialect->is_general && i < sizeof frame / sizeof frame[0]; i++)
        if (str_eq(key, frame[i]))
            return true;
    if (dialect->is_general && (flat_is_part(key) || str_starts(key, STR("llm.tools."))))
        return true;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (rules_consumes(dialect, fields[i], key))
            return true;
    return false;
}

// Told once a session, and counted.
static bool is_left_out(struct str key)
{
    return redact_is_private(key) || str_eq(key, STR("tools")) || str_eq(key, STR("usage_metadata"));
}

// A span's input and output stand within its data as well (struct dialect, has_texts_in_data).
static bool is_left_out_of_data(struct str key)
{
    return is_left_out(key) || str_eq(key, STR("input")) || str_eq(key, STR("output"));
}

static bool print_attribute(void *context, struct str key, struct json_object *value)
{
    struct printing *p = context;
    if (is_taken(p->dialect, key) || (p->filter && redact_is_private(key)) || value_kind(value) == VALUE_NONE)
        return true;
    size_t before = p->json.n;
    struct buf name = {0};
    if (p->filter)
        p->filter(&name, key);
    else
        buf_str(&name, key);
    jw_string(&p->json, buf_view(&name));
    buf_char(&p->json, ':');
    buf_fini(&name);
    value_print(&p->json, value, p->filter, p->dialect->has_texts_in_data ? is_left_out_of_data : is_left_out);
    if (p->json.n > INGEST_ATTRIBUTES_MAX - 1024) {
        p->json.n = before;
        p->omitted++;
    }
    return true;
}

void kept_attributes(struct arena *a, struct span *s, struct step *step, value_filter *filter, const struct kept *cut)
{
    struct printing p = {.filter = filter, .dialect = s->dialect};
    jw_open(&p.json, '{');
    value_each(s->attributes, print_attribute, &p);
    jw_member(&p.json, "trace.kind", step->kind);
    jw_member(&p.json, "trace.scope", s->scope.n ? s->scope : STR_NONE);
    if (p.omitted)
        jw_member_i64(&p.json, "trace.omitted", p.omitted);
    if (cut->n) {
        jw_key(&p.json, "trace.cut");
        jw_open(&p.json, '[');
        for (size_t i = 0; i < cut->n; i++)
            jw_string(&p.json, str_from(cut->names[i]));
        jw_close(&p.json, ']');
    }
    jw_close(&p.json, '}');
    if (p.json.n > 2)
        step->attributes = arena_str(a, buf_view(&p.json));
    buf_fini(&p.json);
}
