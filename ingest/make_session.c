// SPDX-License-Identifier: Apache-2.0
#include "ingest/make.h"

#include "base/jw.h"
#include "base/utf8.h"
#include "ingest/fault.h"
#include "ingest/message.h"
#include "ingest/redact.h"
#include "ingest/rules.h"

enum { TITLE_BYTES_MAX = INGEST_TITLE_MAX * 4 };

static struct str label(struct arena *a, struct span *s, enum field field, const struct make_options *options)
{
    struct json_object *value = rules_find(s, field);
    struct buf clean = {0}, digits = {0};
    struct str text = value_text(value);
    // Users and threads are often numbers.
    if (value_kind(value) == VALUE_NUMBER) {
        value_print(&digits, value, NULL, NULL);
        text = buf_view(&digits);
    }
    // What the SDKs put for a service without a name.
    if (!text.n || str_starts(text, STR("unknown_service")))
        text = STR_NONE;
    else if (options->keeps_private)
        buf_str(&clean, text);
    else
        redact_text(&clean, text);
    text = text.p ? arena_str(a, utf8_prefix(buf_view(&clean), INGEST_LABEL_MAX)) : STR_NONE;
    buf_fini(&clean);
    buf_fini(&digits);
    return text;
}

// One line of at most INGEST_TITLE_MAX code points.
static struct str title_line(struct arena *a, struct str text)
{
    struct buf line = {0};
    size_t points = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c & 0xC0) != 0x80 && ++points > INGEST_TITLE_MAX)
            break;
        if (c > 0x20)
            buf_char(&line, (char)c);
        else if (line.n && line.p[line.n - 1] != ' ')
            buf_char(&line, ' ');
    }
    while (line.n && line.p[line.n - 1] == ' ')
        line.n--;
    struct str title = line.n ? arena_str(a, buf_view(&line)) : STR_NONE;
    buf_fini(&line);
    return title;
}

static void make_title(struct arena *a, struct span *s, const struct step *step, const struct make_options *options,
                       struct step_session *session)
{
    struct buf question = {0}, clean = {0};
    struct str name = label(a, s, FIELD_TRACE_NAME, options);
    if (!step || step->is_root)
        message_question(&question, s, rules_find(s, FIELD_INPUT), TITLE_BYTES_MAX);
    if (question.n) {
        redact_text(&clean, buf_view(&question));
        session->title = title_line(a, buf_view(&clean));
        session->title_rank = TITLE_QUESTION;
    } else if (name.n) {
        session->title = title_line(a, name);
        session->title_rank = TITLE_TRACE_NAME;
    } else if (step && step->is_root) {
        session->title = title_line(a, step->name);
        session->title_rank = TITLE_ROOT_NAME;
    }
    if (!session->title.p)
        session->title_rank = TITLE_NONE;
    buf_fini(&question);
    buf_fini(&clean);
}

static struct str make_tags(struct arena *a, struct span *s)
{
    struct json_object *tags = span_inside(s, rules_find(s, FIELD_TAGS));
    struct buf json = {0};
    size_t n = 0;
    jw_open(&json, '[');
    for (size_t i = 0; i < value_count(tags) && n < INGEST_TAGS_MAX; i++) {
        struct str tag = value_text(value_at(tags, i));
        // LangGraph's own, of its nodes.
        if (!tag.n || str_starts(tag, STR("graph:step:")) || str_starts(tag, STR("langsmith:")) ||
            str_starts(tag, STR("seq:step:")))
            continue;
        jw_string(&json, utf8_prefix(tag, INGEST_LABEL_MAX));
        n++;
    }
    jw_close(&json, ']');
    struct str printed = n ? arena_str(a, buf_view(&json)) : STR_NONE;
    buf_fini(&json);
    return printed;
}

static bool is_of_the_step(struct str key)
{
    // What LangGraph adds for each node is not the session's.
    return redact_is_private(key) || str_starts(key, STR("langgraph_")) || str_starts(key, STR("ls_")) ||
           str_eq(key, STR("checkpoint_ns")) || str_eq(key, STR("usage_metadata")) || str_starts(key, STR("__pregel"));
}

static struct str make_metadata(struct arena *a, struct span *s, const struct make_options *options)
{
    struct json_object *metadata = span_inside(s, rules_find(s, FIELD_METADATA));
    struct str release = label(a, s, FIELD_RELEASE, options);
    struct buf json = {0};
    struct str printed = STR_NONE;
    if (release.n) {
        jw_open(&json, '{');
        jw_member(&json, "release", release);
        jw_close(&json, '}');
    } else if (value_kind(metadata) == VALUE_OBJECT)
        value_print(&json, metadata, redact_text, is_of_the_step);
    if (json.n > 2 && json.n <= INGEST_METADATA_MAX)
        printed = arena_str(a, buf_view(&json));
    buf_fini(&json);
    return printed;
}

static bool is_of_system(struct json_object *message)
{
    struct json_object *id = value_get(message, "id");
    struct str role = value_text(value_get(message, "role"));
    return str_eq(role, STR("system")) || str_eq(role, STR("developer")) ||
           str_eq(value_text(value_get(message, "type")), STR("system")) ||
           str_eq(value_text(value_at(id, value_count(id) - 1)), STR("SystemMessage"));
}

// What stands in front of a model's messages: the first of them if it is the system's, or what Anthropic, OpenAI's
// Responses and Gemini have beside them.
static struct json_object *instructions_in(struct json_object *input)
{
    static const char *const beside[] = {"system", "instructions", "systemInstruction", "system_instruction"};
    struct json_object *list = value_kind(input) == VALUE_ARRAY ? input : value_get(input, "messages");
    struct json_object *first = value_at(list, 0);
    if (value_kind(first) == VALUE_ARRAY)
        first = value_at(first, 0);
    if (is_of_system(first))
        return first;
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
        if (value_get(input, beside[i]))
            return value_get(input, beside[i]);
    return NULL;
}

static struct str make_system_prompt(struct arena *a, struct span *s)
{
    struct json_object *instructions = span_inside(s, rules_find(s, FIELD_SYSTEM_PROMPT));
    struct message message = {0};
    struct buf clean = {0};
    struct str text = STR_NONE;
    if (!instructions)
        instructions = instructions_in(span_inside(s, rules_find(s, FIELD_INPUT)));
    message_read(&message, s, instructions);
    redact_text(&clean, buf_view(&message.text));
    if (clean.n)
        text = arena_str(a, utf8_prefix(buf_view(&clean), INGEST_ATTRIBUTES_MAX));
    buf_fini(&clean);
    message_fini(&message);
    return text;
}

static struct str make_tools(struct arena *a, struct span *s)
{
    struct json_object *tools = span_inside(s, rules_find(s, FIELD_TOOLS));
    struct buf json = {0};
    struct str printed = STR_NONE;
    if (value_count(tools) == 0)
        return STR_NONE;
    jw_open(&json, '[');
    // The AI SDK has each of them as JSON in a text, OpenInference in a member of its own.
    for (size_t i = 0; i < value_count(tools); i++) {
        struct json_object *tool = span_inside(s, value_at(tools, i));
        struct json_object *schema = value_get(tool, "json_schema");
        value_print(&json, schema ? schema : tool, redact_text, NULL);
    }
    jw_close(&json, ']');
    if (json.n <= INGEST_ATTRIBUTES_MAX)
        printed = arena_str(a, buf_view(&json));
    buf_fini(&json);
    return printed;
}

static void make_end(struct arena *a, struct span *s, const struct step *step, struct step_session *session)
{
    struct fault fault;
    if (!step || !step->is_root || !step->ended_us)
        return;
    session->ended_us = step->ended_us;
    session->outcome = SESSION_COMPLETED;
    if (!fault_read(s, &fault))
        return;
    session->outcome = fault.is_cancelled ? SESSION_CANCELLED : SESSION_FAILED;
    session->error_code = arena_str(a, step->error_code);
    session->error_message = arena_str(a, step->error_message);
}

struct step_session *make_lead(struct arena *a, struct span *s, struct step *step, const struct make_options *options)
{
    struct step_session *lead = arena_zero(a, sizeof *lead);
    step->is_root = true;
    make_title(a, s, step, options, lead);
    make_end(a, s, step, lead);
    step->is_root = false;
    return lead;
}

struct step_session make_session(struct arena *a, struct span *s, const struct step *step,
                                 const struct make_options *options)
{
    struct step_session session = {.external_id = arena_str(a, s->trace), .source = s->dialect->source};
    session.client = label(a, s, FIELD_CLIENT, options);
    session.client_version = label(a, s, FIELD_CLIENT_VERSION, options);
    session.thread_key = label(a, s, FIELD_THREAD, options);
    session.user_id = label(a, s, FIELD_USER, options);
    session.environment = label(a, s, FIELD_ENVIRONMENT, options);
    session.project = label(a, s, FIELD_PROJECT, options);
    session.tags = make_tags(a, s);
    session.metadata = make_metadata(a, s, options);
    if (step && str_eq(step->type, STR("generation"))) {
        session.system_prompt = make_system_prompt(a, s);
        session.tools = make_tools(a, s);
    }
    session.may_create = types_is_ai(s);
    session.started_us = step ? step->started_us : s->started_us;
    make_title(a, s, step, options, &session);
    make_end(a, s, step, &session);
    return session;
}
