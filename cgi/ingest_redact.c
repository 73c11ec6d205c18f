// SPDX-License-Identifier: Apache-2.0
#include "cgi/ingest_redact.h"

#include "base/utf8.h"

struct redacting {
    const struct redactor *rules;
    struct arena *a;
};

// `most`: the bytes that the column takes; 0: any.
static void redact_plain(const struct redacting *by, struct str *text, size_t most)
{
    struct buf left = {0};
    if (text->n && redactor_text(by->rules, &left, *text)) {
        struct str kept = buf_view(&left);
        *text = arena_str(by->a, most && kept.n > most ? utf8_prefix(kept, most) : kept);
    }
    buf_fini(&left);
}

static enum redactor_what everything(struct str top, struct str key)
{
    (void)top;
    (void)key;
    return REDACTOR_ALL;
}

static enum redactor_what of_source(struct str top, struct str key)
{
    (void)top;
    return str_eq(key, STR("type")) || str_eq(key, STR("timestamp")) ? REDACTOR_NOTHING : REDACTOR_STRINGS;
}

static bool redact_value(const struct redacting *by, enum redactor_what (*what)(struct str top, struct str key),
                         struct str *json)
{
    struct buf left = {0};
    bool is_changed = json->n && redactor_json(by->rules, what, &left, *json);
    if (is_changed)
        *json = arena_str(by->a, buf_view(&left));
    buf_fini(&left);
    return is_changed;
}

// The bytes of a JSON string's text.
static int64_t text_length(struct str json)
{
    int64_t n = 0;
    for (size_t i = 1; i + 1 < json.n; i++, n++)
        if (json.p[i] == '\\')
            i += json.p[i + 1] == 'u' ? 5 : 1;
    return n;
}

void ingest_redact_step(const struct redactor *rules, struct arena *a, struct step *step)
{
    const struct redacting by = {rules, a};
    struct str *const values[] = {&step->input,  &step->output, &step->attributes,
                                  &step->events, &step->links,  &step->source_keys};
    redact_plain(&by, &step->name, INGEST_NAME_MAX);
    redact_plain(&by, &step->model, INGEST_LABEL_MAX);
    redact_plain(&by, &step->error_code, INGEST_ERROR_CODE_MAX);
    redact_plain(&by, &step->error_message, INGEST_ERROR_MESSAGE_MAX);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        (void)redact_value(&by, everything, values[i]);
    (void)redact_value(&by, of_source, &step->sources);
    if (redact_value(&by, everything, &step->content))
        step->content_length = step->content.p[0] == '"' ? text_length(step->content) : (int64_t)step->content.n;
}

void ingest_redact_session(const struct redactor *rules, struct arena *a, struct store_ingest_session *session)
{
    const struct redacting by = {rules, a};
    struct str *const labels[] = {&session->client,   &session->client_version, &session->thread_key,
                                  &session->user_key, &session->environment,    &session->project};
    struct str *const values[] = {&session->tags, &session->metadata, &session->tools};
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        redact_plain(&by, labels[i], INGEST_LABEL_MAX);
    redact_plain(&by, &session->title, 0);
    redact_plain(&by, &session->system_prompt, 0);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        (void)redact_value(&by, everything, values[i]);
}
