// SPDX-License-Identifier: Apache-2.0
#include "ingest/fault.h"

#include <strings.h>
#include "ingest/rules.h"

// An exception that nobody caught within the span.
static bool has_escaped(struct span *s)
{
    for (size_t i = 0; i < value_count(s->events); i++)
        if (value_true(value_get(value_get(value_at(s->events, i), "attributes"), "exception.escaped")))
            return true;
    return false;
}

// The semantic conventions have the type of an error only where there was one; "error" is a flag, or says what it was.
static bool has_error_attribute(struct span *s)
{
    struct json_object *error = value_get(s->attributes, "error");
    struct str text = value_text(error);
    return value_text(value_get(s->attributes, "error.type")).n || value_true(error) ||
           (text.n && !str_eq(text, STR("false")));
}

// Failures that are told by an attribute or an event: the status of such spans is unset.
static bool is_said_to_have_failed(struct span *s)
{
    if (s->dialect->is_general && !s->is_ok && (has_escaped(s) || has_error_attribute(s)))
        return true;
    return str_eq(value_text(value_get(s->attributes, "langfuse.observation.level")), STR("ERROR")) ||
           str_eq(value_text(value_get(s->attributes, "success")), STR("false")) || // Claude Code's events
           (value_kind(value_get(s->attributes, "success")) == VALUE_BOOL &&
            !value_true(value_get(s->attributes, "success")));
}

static struct json_object *exception_of(struct span *s)
{
    for (size_t i = 0; i < value_count(s->events); i++)
        if (str_eq(value_text(value_get(value_at(s->events, i), "name")), STR("exception")))
            return value_get(value_at(s->events, i), "attributes");
    return NULL;
}

static struct str first_line(struct str text)
{
    struct str rest = text;
    struct str line = str_cut(&rest, '\n');
    while (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static bool is_word_of_cancelling(struct str text)
{
    static const struct str words[] = {{"abort", 5}, {"cancel", 6}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text.n >= words[i].n && strncasecmp(text.p, words[i].p, words[i].n) == 0)
            return true;
    // "Error: Abort", "CancelledError", "asyncio.exceptions.CancelledError"
    return text.n && memmem(text.p, text.n, "CancelledError", 14);
}

bool fault_read(struct span *s, struct fault *fault)
{
    *fault = (struct fault){0};
    if (!s->is_failed && !is_said_to_have_failed(s))
        return false;
    struct json_object *exception = exception_of(s);
    fault->code = rules_text(s, FIELD_ERROR_CODE);
    if (!fault->code.n)
        fault->code = value_text(value_get(exception, "exception.type"));
    fault->message = first_line(s->error);
    if (!fault->message.n)
        fault->message = first_line(rules_text(s, FIELD_ERROR_MESSAGE));
    if (!fault->message.n)
        fault->message = first_line(value_text(value_get(exception, "exception.message")));
    fault->is_cancelled = is_word_of_cancelling(fault->code) || is_word_of_cancelling(fault->message);
    return true;
}
