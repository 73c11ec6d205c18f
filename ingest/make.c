// SPDX-License-Identifier: Apache-2.0
#include "ingest/make.h"

#include "base/jw.h"
#include "base/utf8.h"
#include "ingest/fault.h"
#include "ingest/kept.h"
#include "ingest/message.h"
#include "ingest/redact.h"
#include "ingest/rules.h"
#include "ingest/sources.h"
#include "ingest/step_id.h"
#include "ingest/tool.h"
#include "ingest/usage.h"

enum { DAY_US_IN_SECONDS = 86400, QUESTION_MAX = 4000 };

struct making {
    struct arena *arena;
    struct span *span;
    struct step *step;
    const struct make_options *options;
    struct json_object *input, *output; // NULL: not said
    struct kept cut;                    // names of the fields that were cut
};

static value_filter *filter_of(const struct making *m)
{
    return m->options->keeps_private ? NULL : redact_text;
}

// A text within bounds, redacted.
static struct str keep_text(struct making *m, struct str text, size_t most, const char *field)
{
    struct buf clean = {0};
    if (!text.p)
        return STR_NONE;
    if (m->options->keeps_private)
        buf_str(&clean, text);
    else
        redact_text(&clean, text);
    struct str kept = utf8_prefix(buf_view(&clean), most);
    if (kept.n < clean.n)
        kept_note(&m->cut, field);
    kept = arena_str(m->arena, kept.p ? kept : STR(""));
    buf_fini(&clean);
    return kept;
}

// A value as JSON; one that is too long as the beginning of its text.
static struct str keep_value(struct making *m, struct json_object *value, size_t most, const char *field)
{
    struct buf json = {0};
    if (value_kind(value) == VALUE_NONE)
        return STR_NONE;
    value_print(&json, value, filter_of(m), NULL);
    if (json.n > most) {
        struct buf cut = {0};
        // Escaping can double what it escapes, and more: half is room enough for all but control characters.
        jw_string(&cut, utf8_prefix(value_kind(value) == VALUE_TEXT ? value_text(value) : buf_view(&json), most / 2));
        kept_note(&m->cut, field);
        buf_fini(&json);
        json = cut;
    }
    struct str kept = arena_str(m->arena, buf_view(&json));
    buf_fini(&json);
    return kept;
}

static void make_times(struct making *m)
{
    int64_t latest = m->options->now_us + (int64_t)DAY_US_IN_SECONDS * 1000000;
    struct step *step = m->step;
    step->started_us = m->span->started_us > latest ? m->options->now_us : m->span->started_us;
    step->ended_us = m->span->ended_us > latest ? m->options->now_us : m->span->ended_us;
    if (step->ended_us && step->ended_us < step->started_us)
        step->ended_us = step->started_us;
}

static void print_message(struct making *m, struct buf *json)
{
    struct message message = {0};
    struct buf text = {0};
    struct json_object *reasoning = rules_find(m->span, FIELD_REASONING);
    buf_str(&message.reasoning, value_text(reasoning));
    message_read(&message, m->span, m->output);
    if (message.tools.n == 0)
        message_read_tools(&message, span_inside(m->span, rules_find(m->span, FIELD_TOOL_CALLS)));
    message_print(&text, &message);
    if (text.n) {
        struct str kept = keep_text(m, buf_view(&text), INGEST_CONTENT_MAX / 2, "content");
        jw_string(json, kept);
        m->step->content_length = (int64_t)kept.n;
    }
    buf_fini(&text);
    message_fini(&message);
}

static void print_tool(struct making *m, struct buf *json)
{
    struct str name = rules_text(m->span, FIELD_TOOL_NAME);
    jw_open(json, '{');
    jw_member(json, "tool", name.p ? name : m->span->name);
    if (m->input) {
        jw_key(json, "args");
        value_print(json, tool_arguments(m->span, m->input), filter_of(m), NULL);
    }
    if (m->output) {
        jw_key(json, "result");
        value_print(json, tool_result(m->span, m->output), filter_of(m), NULL);
    }
    jw_close(json, '}');
}

static void print_question_member(struct making *m, struct buf *json, const char *key)
{
    struct buf question = {0};
    message_question(&question, m->span, m->input, QUESTION_MAX);
    if (question.n)
        jw_member(json, key, keep_text(m, buf_view(&question), QUESTION_MAX, "content"));
    buf_fini(&question);
}

static void print_agent(struct making *m, struct buf *json)
{
    struct message answer = {0};
    struct buf text = {0};
    message_read(&answer, m->span, m->output);
    message_print(&text, &answer);
    jw_open(json, '{');
    print_question_member(m, json, "input");
    if (text.n)
        jw_member(json, "output", keep_text(m, buf_view(&text), INGEST_CONTENT_MAX / 4, "content"));
    jw_close(json, '}');
    buf_fini(&text);
    message_fini(&answer);
}

static void print_search(struct making *m, struct buf *json)
{
    struct json_object *documents = span_inside(m->span, rules_find(m->span, FIELD_DOCUMENTS));
    jw_open(json, '{');
    print_question_member(m, json, "query");
    if (value_kind(documents) == VALUE_ARRAY)
        jw_member_i64(json, "resultCount", (int64_t)value_count(documents));
    jw_close(json, '}');
}

static void make_content(struct making *m, enum step_class class)
{
    static void (*const printers[])(struct making *, struct buf *) = {
        [CLASS_OTHER] = NULL,      [CLASS_MODEL] = print_message,
        [CLASS_TOOL] = print_tool, [CLASS_RETRIEVAL] = print_search,
        [CLASS_EMBEDDING] = NULL,  [CLASS_AGENT] = print_agent,
        [CLASS_GROUP] = NULL,      [CLASS_APPROVAL] = NULL,
        [CLASS_HIDDEN] = NULL,
    };
    struct buf json = {0};
    // A message about the end alone knows half of an object: it must not replace the half that the beginning told. What
    // came out is in the output.
    if (printers[class] && (m->input || class == CLASS_MODEL))
        printers[class](m, &json);
    // The whole is in input and output, which are bounded on their own.
    if (json.n > INGEST_CONTENT_MAX) {
        kept_note(&m->cut, "content");
        buf_clear(&json);
    }
    if (json.n && !str_eq(buf_view(&json), STR("{}")))
        m->step->content = arena_str(m->arena, buf_view(&json));
    if (class != CLASS_MODEL)
        m->step->content_length = (int64_t)m->step->content.n;
    buf_fini(&json);
}

static void make_fault(struct making *m)
{
    struct fault fault;
    m->step->is_failed = fault_read(m->span, &fault);
    if (!m->step->is_failed)
        return;
    m->step->error_code = keep_text(m, fault.code.n ? fault.code : STR("error"), INGEST_ERROR_CODE_MAX, "error");
    m->step->error_message =
        keep_text(m, fault.message.n ? fault.message : STR("failed"), INGEST_ERROR_MESSAGE_MAX, "error");
}

static void make_usage(struct making *m, enum step_class class)
{
    m->step->model = keep_text(m, rules_text(m->span, FIELD_MODEL), INGEST_LABEL_MAX, "model");
    m->step->has_usage = usage_read(m->span, &m->step->usage);
    m->step->usage.is_sum = class != CLASS_MODEL && class != CLASS_EMBEDDING;
}

// Only these keep what went in and came out: what groups repeat of it is more than half of all bytes.
static bool keeps_values(enum step_class class, const struct step *step)
{
    return step->is_root || step->may_lead || (class != CLASS_GROUP && class != CLASS_AGENT);
}

struct step *make_step(struct arena *a, struct span *s, const struct step_type *type,
                       const struct make_options *options)
{
    struct step *step = arena_zero(a, sizeof *step);
    struct making m = {.arena = a, .span = s, .step = step, .options = options};
    step_id(step->id, s->id);
    step->external_id = arena_str(a, s->id);
    step->is_root = (!s->parent.p && !s->is_parent_unsaid) || s->is_remote_parent;
    step->may_lead = !step->is_root && !s->is_parent_unsaid && s->dialect->is_general &&
                     (type->class == CLASS_AGENT || type->class == CLASS_MODEL);
    step->type = arena_str(a, type->type);
    step->kind = arena_str(a, type->kind);
    step->name = keep_text(&m, s->name, INGEST_NAME_MAX, "name");
    m.input = rules_find(s, FIELD_INPUT);
    m.output = rules_find(s, FIELD_OUTPUT);
    make_times(&m);
    make_content(&m, type->class);
    if (keeps_values(type->class, step)) {
        step->input = keep_value(&m, span_inside(s, m.input), INGEST_VALUE_MAX, "input");
        step->output = keep_value(&m, span_inside(s, m.output), INGEST_VALUE_MAX, "output");
    }
    if (type->class == CLASS_RETRIEVAL || type->class == CLASS_TOOL) {
        struct buf sources = {0}, keys = {0};
        sources_print(&sources, &keys, s, m.output ? tool_result(s, m.output) : NULL);
        step->sources = sources.n ? arena_str(a, buf_view(&sources)) : STR_NONE;
        step->source_keys = keys.n ? arena_str(a, buf_view(&keys)) : STR_NONE;
        buf_fini(&sources);
        buf_fini(&keys);
    }
    make_usage(&m, type->class);
    make_fault(&m);
    kept_events(a, s, step, filter_of(&m));
    kept_attributes(a, s, step, filter_of(&m), &m.cut);
    return step;
}
