// SPDX-License-Identifier: Apache-2.0
// OTLP/JSON (opentelemetry-proto 1.x, protobuf's JSON mapping with hexadecimal ids): one resource, one scope, the
// session as the root span and a span for each step. Attributes are those of OpenInference and of the semantic
// conventions for generative AI, which are read at our own door, too.
#include <inttypes.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/jw.h"
#include "cgi/export.h"

// The 128 bits of a ULID (Crockford's base 32) are those of a trace's id.
static void print_trace_id(struct buf *out, struct str id)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint64_t high = 0, low = 0;
    for (size_t i = id.n > 26 ? id.n - 26 : 0; i < id.n; i++) {
        const char *digit = memchr(digits, id.p[i], 32);
        high = high << 5 | low >> 59;
        low = low << 5 | (uint64_t)(digit ? digit - digits : 0);
    }
    buf_printf(out, "\"%016" PRIx64 "%016" PRIx64 "\"", high, low);
}

static void print_span_id(struct buf *out, struct str id)
{
    uint64_t hash = hash_64(id);
    buf_printf(out, "\"%016" PRIx64 "\"", hash ? hash : 1);
}

static void print_time(struct buf *out, const char *key, int64_t us)
{
    jw_key(out, key);
    buf_printf(out, "\"%" PRId64 "000\"", us);
}

static void open_attribute(struct buf *out, const char *key, const char *kind)
{
    jw_open(out, '{');
    jw_member(out, "key", str_from(key));
    jw_key(out, "value");
    jw_open(out, '{');
    jw_key(out, kind);
}

static void close_attribute(struct buf *out)
{
    jw_close(out, '}');
    jw_close(out, '}');
}

static void text_attribute(struct buf *out, const char *key, struct str text)
{
    if (!text.p)
        return;
    open_attribute(out, key, "stringValue");
    jw_string(out, text);
    close_attribute(out);
}

// A JSON value as an attribute: a string as its text, everything else printed.
static void value_attribute(struct buf *out, const char *key, struct str json)
{
    if (!json.p)
        return;
    open_attribute(out, key, "stringValue");
    if (json.p[0] == '"')
        jw_raw(out, json);
    else
        jw_string(out, json);
    close_attribute(out);
}

static const struct usage_name {
    const char *member, *attribute, *kind;
} usage_names[] = {
    {"model", "gen_ai.response.model", "stringValue"},
    {"inputTokens", "gen_ai.usage.input_tokens", "intValue"},
    {"outputTokens", "gen_ai.usage.output_tokens", "intValue"},
    {"reasoningTokens", "gen_ai.usage.reasoning.output_tokens", "intValue"},
    {"cacheReadTokens", "gen_ai.usage.cache_read.input_tokens", "intValue"},
    {"cacheWriteTokens", "gen_ai.usage.cache_creation.input_tokens", "intValue"},
    {"totalTokens", "gen_ai.usage.total_tokens", "intValue"},
    {"costUsd", "llm.cost.total", "doubleValue"},
};

static void usage_attributes(struct buf *out, struct str json)
{
    json_t *usage = json.p ? json_loadb(json.p, json.n, 0, NULL) : NULL;
    for (size_t i = 0; i < sizeof usage_names / sizeof usage_names[0]; i++) {
        const struct usage_name *name = &usage_names[i];
        const json_t *value = json_object_get(usage, name->member);
        if (!value)
            continue;
        open_attribute(out, name->attribute, name->kind);
        if (json_is_string(value))
            jw_string(out, export_text(usage, name->member));
        else if (json_is_integer(value) && name->kind[0] == 'i')
            buf_printf(out, "\"%" JSON_INTEGER_FORMAT "\"", json_integer_value(value));
        else
            buf_printf(out, "%.12g", json_number_value(value));
        close_attribute(out);
    }
    json_decref(usage);
}

// What OpenInference has a word for; every other type is its own.
static struct str kind_of(struct str type)
{
    static const struct {
        const char *type, *kind;
    } kinds[] = {{"generation", "LLM"},      {"tool_call", "TOOL"},      {"agent", "AGENT"}, {"retrieval", "RETRIEVER"},
                 {"embedding", "EMBEDDING"}, {"guardrail", "GUARDRAIL"}, {"group", "CHAIN"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (str_eq(type, str_from(kinds[i].type)))
            return str_from(kinds[i].kind);
    return type;
}

static void print_status(struct buf *out, bool has_ended, bool has_failed, struct str message)
{
    if (!has_ended)
        return;
    jw_key(out, "status");
    jw_open(out, '{');
    jw_member_i64(out, "code", has_failed ? 2 : 1);
    jw_member(out, "message", message);
    jw_close(out, '}');
}

static void open_span(struct buf *out, struct str trace, struct str id, struct str parent, struct str name)
{
    jw_open(out, '{');
    jw_key(out, "traceId");
    print_trace_id(out, trace);
    jw_key(out, "spanId");
    print_span_id(out, id);
    if (parent.p) {
        jw_key(out, "parentSpanId");
        print_span_id(out, parent);
    }
    jw_member(out, "name", name);
    jw_member_i64(out, "kind", 1);
}

static void time_of(struct buf *out, const char *key, const json_t *facts, const char *member)
{
    int64_t us;
    if (clock_parse(export_text(facts, member), &us) == 0)
        print_time(out, key, us);
}

static void root_span(struct buf *out, const struct export_session *session)
{
    const json_t *facts = session->facts, *error = json_object_get(facts, "error");
    struct str title = export_text(facts, "title"),
               question = export_text(json_object_get(facts, "trigger"), "excerpt");
    struct str status = export_text(facts, "status");
    open_span(out, session->id, session->id, STR_NONE, title.n ? title : STR("session"));
    time_of(out, "startTimeUnixNano", facts, json_object_get(facts, "startedAt") ? "startedAt" : "createdAt");
    time_of(out, "endTimeUnixNano", facts, "completedAt");
    jw_key(out, "attributes");
    jw_open(out, '[');
    text_attribute(out, "openinference.span.kind", STR("AGENT"));
    text_attribute(out, "agent_trace.session.id", session->id);
    text_attribute(out, "agent_trace.session.status", status);
    text_attribute(out, "session.id", export_text(facts, "threadKey"));
    text_attribute(out, "user.id", export_text(facts, "userId"));
    text_attribute(out, "langfuse.trace.name", title);
    text_attribute(out, "input.value", question);
    jw_close(out, ']');
    print_status(out, session->has_ended, !str_eq(status, STR("completed")), export_text(error, "message"));
    jw_close(out, '}');
}

static void head(struct buf *out, const struct export_session *session)
{
    jw_open(out, '{');
    jw_key(out, "resourceSpans");
    buf_lit(out, "[{");
    jw_key(out, "resource");
    buf_lit(out, "{\"attributes\":[");
    text_attribute(out, "service.name", export_text(json_object_get(session->facts, "persona"), "name"));
    text_attribute(out, "deployment.environment.name", export_text(session->facts, "environment"));
    buf_lit(out, "]}");
    jw_key(out, "scopeSpans");
    buf_lit(out, "[{\"scope\":{\"name\":\"agent-trace\"},\"spans\":[\n");
    root_span(out, session);
}

static void step_attributes(struct buf *out, const struct store_export_step *exported)
{
    const struct step_row *step = &exported->step;
    struct str content = step->content.p ? step->content : step->start_content;
    jw_key(out, "attributes");
    jw_open(out, '[');
    text_attribute(out, "openinference.span.kind", kind_of(step->type));
    text_attribute(out, "agent_trace.step.id", step->id);
    text_attribute(out, "agent_trace.step.type", step->type);
    if (str_eq(step->type, STR("tool_call")))
        text_attribute(out, "tool.name", step->name);
    value_attribute(out, "input.value", exported->input);
    value_attribute(out, "output.value", exported->output.p ? exported->output : content);
    if (exported->output.p)
        value_attribute(out, "agent_trace.step.content", content);
    value_attribute(out, "agent_trace.step.sources", step->sources);
    usage_attributes(out, step->usage);
    jw_close(out, ']');
}

static void print_step(struct buf *out, const struct export_session *session, const struct store_export_step *exported)
{
    const struct step_row *step = &exported->step;
    json_t *error = step->error.p ? json_loadb(step->error.p, step->error.n, 0, NULL) : NULL;
    buf_lit(out, ",\n");
    open_span(out, session->id, step->id, step->parent_id.p ? step->parent_id : session->id,
              step->name.n ? step->name : step->type);
    print_time(out, "startTimeUnixNano", step->started_us);
    if (step->end_seq)
        print_time(out, "endTimeUnixNano", step->completed_us);
    step_attributes(out, exported);
    print_status(out, step->end_seq > 0, step->failed, export_text(error, "message"));
    jw_close(out, '}');
    json_decref(error);
}

static void tail(struct buf *out, const struct export_session *session)
{
    (void)session;
    buf_lit(out, "\n]}]}]}\n");
}

const struct export_form export_otlp = {"otlp", "application/json", "otlp.json", head, print_step, tail};
