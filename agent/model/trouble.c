// SPDX-License-Identifier: Apache-2.0
#include "agent/model/trouble.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "agent/member.h"
#include "base/utf8.h"

static void copy(char *out, size_t size, struct str text)
{
    struct buf mended = {0};
    utf8_mend(&mended, text);
    struct str cut = utf8_prefix(buf_view(&mended), size - 1);
    memcpy(out, cut.n > 0 ? cut.p : "", cut.n);
    out[cut.n] = '\0';
    buf_fini(&mended);
}

// A string as it is, a number in digits, anything else as JSON.
static void copy_value(char *out, size_t size, const json_t *value)
{
    if (json_is_string(value)) {
        copy(out, size, str_from(json_string_value(value)));
    } else if (json_is_integer(value)) {
        (void)snprintf(out, size, "%lld", (long long)json_integer_value(value));
    } else if (value && !json_is_null(value)) {
        char *printed = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        copy(out, size, str_from(printed));
        free(printed);
    }
}

// The first member of `names` that `object` has.
static const json_t *first_of(const json_t *object, const char *const *names)
{
    for (; *names; names++) {
        const json_t *value = json_object_get(object, *names);
        if (value && !json_is_null(value))
            return value;
    }
    return NULL;
}

#define DEPTH_MAX 8 // of an error within an error

static const char *const word_members[] = {
    "message", "Message",     "msg",   "status_msg", "error_msg", "error_message", "error_description", "detail",
    "reason",  "faultstring", "error", "title",      NULL};
// Those that are nothing but words.
static const char *const sentence_members[] = {"message", "msg", "detail", "error_description", "error_message", NULL};
static const char *const type_members[] = {"type", "error_type", NULL};
static const char *const code_members[] = {"code",       "status_code", "error_code", "http_status_code",
                                           "statusCode", "status",      NULL};

static void read_value(const json_t *value, int depth, struct trouble *trouble);

// Servers behind others put the whole error of those into their own message, as text.
static json_t *wrapped_in(const json_t *words)
{
    const char *text = json_is_string(words) ? json_string_value(words) : "";
    json_t *inside = *text == '{' || *text == '[' ? json_loads(text, 0, NULL) : NULL;
    if (json_is_object(inside) || json_array_size(inside) > 0)
        return inside;
    json_decref(inside);
    return NULL;
}

// Appends `more` to what there is, behind `glue`.
static void append(char *out, size_t size, const char *glue, const char *more)
{
    size_t n = strlen(out);
    if (*more == '\0' || n + strlen(glue) >= size)
        return;
    (void)snprintf(out + n, size - n, "%s", n > 0 ? glue : "");
    n = strlen(out);
    copy(out + n, size - n, str_from(more));
}

// Which part of the request it is about: "body.stream_options", unless the words say so themselves.
static void add_place(const json_t *object, struct trouble *trouble)
{
    struct buf place = {0};
    size_t i;
    json_t *step;
    buf_str(&place, str_from(member_text(object, "param")));
    json_array_foreach(json_object_get(object, "loc"), i, step)
    {
        char text[64] = "";
        copy_value(text, sizeof text, step);
        buf_printf(&place, "%s%s", place.n > 0 ? "." : "", text);
    }
    if (place.n > 0 && !strstr(trouble->words, buf_cstr(&place)))
        append(trouble->words, sizeof trouble->words, ", at ", buf_cstr(&place));
    buf_fini(&place);
}

// Google names in the details which of its limits is meant, and how long that stands.
static void add_limits(const json_t *object, struct trouble *trouble)
{
    size_t i, v;
    json_t *detail, *violation;
    json_array_foreach(json_object_get(object, "details"), i, detail)
    {
        const char *delay = member_text(detail, "retryDelay");
        if (*delay != '\0' && !strstr(trouble->words, "retry in")) {
            append(trouble->words, sizeof trouble->words, ", ", "retry in ");
            append(trouble->words, sizeof trouble->words, "", delay);
        }
        json_array_foreach(json_object_get(detail, "violations"), v, violation)
        {
            append(trouble->type, sizeof trouble->type, " ", member_text(violation, "quotaId"));
        }
    }
}

// A number in digits counts as a number. 0: it is no status of HTTP that tells of an error.
static long status_of(const json_t *code)
{
    int64_t status = json_integer_value(code);
    if (json_is_string(code) && str_to_i64(str_from(json_string_value(code)), &status) != 0)
        return 0;
    return status >= 400 && status < 600 ? (long)status : 0;
}

// The error's name or number, where its words stand beside it.
static const json_t *name_of(const json_t *object)
{
    const json_t *error = json_object_get(object, "error");
    return json_is_string(error) || json_is_integer(error) ? error : NULL;
}

static void read_object(const json_t *object, int depth, struct trouble *trouble)
{
    const json_t *code = first_of(object, code_members), *words = first_of(object, word_members);
    const char *raw = member_text(json_object_get(object, "metadata"), "raw");
    json_t *wrapped = wrapped_in(words);
    copy_value(trouble->code, sizeof trouble->code, code ? code : name_of(object));
    copy_value(trouble->type, sizeof trouble->type, first_of(object, type_members));
    if (status_of(code ? code : name_of(object)) != 0)
        trouble->status = status_of(code ? code : name_of(object));
    if (wrapped)
        words = wrapped;
    if (words)
        read_value(words, depth, trouble);
    else
        copy_value(trouble->words, sizeof trouble->words, object);
    // A router says "Provider returned error", and what the provider said beside it.
    append(trouble->words, sizeof trouble->words, ": ", raw);
    add_place(object, trouble);
    add_limits(object, trouble);
    json_decref(wrapped);
}

static void read_value(const json_t *value, int depth, struct trouble *trouble)
{
    while (json_is_array(value) && json_array_size(value) > 0)
        value = json_array_get(value, 0);
    if (json_is_object(value) && depth < DEPTH_MAX)
        read_object(value, depth + 1, trouble);
    else
        copy_value(trouble->words, sizeof trouble->words, value);
}

static void read_any(const json_t *error, struct trouble *trouble)
{
    read_value(error, 0, trouble);
    if (trouble->words[0] == '\0')
        (void)snprintf(trouble->words, sizeof trouble->words, "no reason given");
}

// An error of code 0 without words, which some servers add to every answer, is none.
static bool is_success(const json_t *object)
{
    const json_t *code = first_of(object, code_members);
    return code && json_is_integer(code) && json_integer_value(code) == 0 && *member_text(object, "message") == '\0';
}

static bool is_something(const json_t *value)
{
    if (json_is_object(value) && is_success(value))
        return false;
    return value && !json_is_null(value) && !json_is_false(value) &&
           !(json_is_string(value) && json_string_length(value) == 0) &&
           !(json_is_object(value) && json_object_size(value) == 0) &&
           !(json_is_array(value) && json_array_size(value) == 0);
}

static const json_t *something(const json_t *value)
{
    return is_something(value) ? value : NULL;
}

static const json_t *choice_of(const json_t *document)
{
    return json_array_get(json_object_get(document, "choices"), 0);
}

// The words may stand beside a flag, a number or a name that says only that there is an error.
static const json_t *by_member(const json_t *document, const char *event)
{
    static const char *const members[] = {"error", "fault", NULL};
    const json_t *error = something(first_of(document, members));
    (void)event;
    bool is_bare = error && !json_is_object(error) && !json_is_array(error);
    return is_bare && is_something(first_of(document, sentence_members)) ? document : error;
}

static const json_t *in_choice(const json_t *document, const char *event)
{
    static const char *const places[] = {"delta", "message"};
    const json_t *choice = choice_of(document), *error = something(json_object_get(choice, "error"));
    (void)event;
    for (size_t i = 0; i < sizeof places / sizeof places[0] && !error; i++)
        error = something(json_object_get(json_object_get(choice, places[i]), "error"));
    return error;
}

static const json_t *by_base_resp(const json_t *document, const char *event)
{
    (void)event;
    const json_t *base = json_object_get(document, "base_resp");
    return json_integer_value(json_object_get(base, "status_code")) != 0 ? base : NULL;
}

static bool is_word(const json_t *document, const char *member, const char *word)
{
    return strcasecmp(member_text(document, member), word) == 0;
}

static const json_t *by_kind(const json_t *document, const char *event)
{
    bool is_error = is_word(document, "object", "error") || is_word(document, "type", "error") ||
                    strcmp(event, "error") == 0 || strcmp(event, "exception") == 0;
    return is_error ? something(document) : NULL;
}

// {"throttlingException": {"message": …}}, as AWS names its events.
static const json_t *by_exception(const json_t *document, const char *event)
{
    static const char ending[] = "Exception";
    json_t *copy, *value;
    const json_t *found = NULL;
    const char *member;
    (void)event;
    if (choice_of(document))
        return NULL;
    copy = json_deep_copy(document);
    json_object_foreach(copy, member, value)
    {
        size_t n = strlen(member);
        if (json_is_object(value) && n >= sizeof ending && strcmp(member + n + 1 - sizeof ending, ending) == 0)
            found = json_object_get(document, member);
    }
    json_decref(copy);
    return found;
}

// Members that mean an error only where there is no choice.
static const json_t *without_choice(const json_t *document, const char *event)
{
    static const char *const members[] = {"errors", "detail", NULL};
    (void)event;
    if (choice_of(document))
        return NULL;
    for (const char *const *member = members; *member; member++)
        if (is_something(json_object_get(document, *member)))
            return json_object_get(document, *member);
    bool has_failed = is_something(first_of(document, code_members)) || is_word(document, "status", "error") ||
                      json_is_false(json_object_get(document, "success"));
    return has_failed && is_something(first_of(document, word_members)) ? document : NULL;
}

// The forms of an error, in the order in which they count.
static const json_t *(*const forms[])(const json_t *document, const char *event) = {
    by_member, in_choice, by_base_resp, by_kind, by_exception, without_choice};

bool trouble_find(const json_t *document, const char *event, struct trouble *trouble)
{
    const json_t *error = NULL;
    if (json_is_array(document)) // Google wraps an error into a list
        return json_array_size(document) > 0 && trouble_find(json_array_get(document, 0), event, trouble);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0] && !error; i++)
        error = forms[i](document, event);
    if (!error)
        return false;
    read_any(error, trouble);
    // The code may stand beside the error rather than in it.
    if (trouble->code[0] == '\0')
        copy_value(trouble->code, sizeof trouble->code, first_of(document, code_members));
    return true;
}

bool trouble_of_refusal(const json_t *document, struct trouble *trouble)
{
    if (trouble_find(document, "", trouble))
        return true;
    if (!is_something(first_of(document, word_members)))
        return false;
    read_any(document, trouble);
    return true;
}

// Behind what no reader of a page sees: styles and scripts. `i` is where a tag begins.
static size_t behind_hidden(struct str body, size_t i)
{
    static const char *const hidden[] = {"style", "script", "svg"};
    for (size_t h = 0; h < sizeof hidden / sizeof hidden[0]; h++) {
        size_t n = strlen(hidden[h]);
        if (body.n - i <= n + 1 || strncasecmp(body.p + i + 1, hidden[h], n) != 0)
            continue;
        for (size_t end = i + 1; end + n + 2 <= body.n; end++)
            if (body.p[end] == '<' && body.p[end + 1] == '/' && strncasecmp(body.p + end + 2, hidden[h], n) == 0)
                return end;
    }
    return i;
}

void trouble_of_text(struct str body, struct trouble *trouble)
{
    struct buf text = {0};
    bool in_tag = false;
    for (size_t i = 0; i < body.n && text.n < sizeof trouble->words; i++) {
        if (body.p[i] == '<')
            i = behind_hidden(body, i);
        char c = body.p[i];
        if (c == '<')
            in_tag = true;
        else if (c == '>')
            in_tag = false;
        if (in_tag || c == '>' || iscntrl((unsigned char)c) || c == ' ') {
            if (text.n > 0 && text.p[text.n - 1] != ' ')
                buf_char(&text, ' ');
        } else {
            buf_char(&text, c);
        }
    }
    if (text.n > 0 && text.p[text.n - 1] == ' ')
        text.n--;
    copy(trouble->words, sizeof trouble->words, buf_view(&text));
    buf_fini(&text);
}
