// SPDX-License-Identifier: Apache-2.0
#include "agent/model/notation.h"

#include <ctype.h>
#include <stdlib.h>

#include "agent/member.h"
#include "agent/model/notation_named.h"
#include "agent/model/text.h"

#define MARK(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

static json_t *arguments_of(const json_t *object)
{
    static const char *const members[] = {"arguments", "parameters", "args", "input", "tool_input", "action_input"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        json_t *value = json_object_get(object, members[i]);
        if (value)
            return value;
    }
    return NULL;
}

static const char *name_of(const json_t *object)
{
    static const char *const members[] = {"name", "tool_name", "tool", "function", "action"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (*member_text(object, members[i]) != '\0')
            return member_text(object, members[i]);
    return "";
}

// {NAME: {…}} of an offered tool, as Apertus writes it.
static const char *only_name(const json_t *object, const json_t *tools, const json_t **arguments)
{
    json_t *copy = json_deep_copy(object), *value;
    const char *member, *name = NULL;
    json_object_foreach(copy, member, value)
    {
        name = json_object_size(copy) == 1 && json_is_object(value) ? calls_tool_named(tools, str_from(member)) : NULL;
        *arguments = json_object_get(object, member);
    }
    json_decref(copy);
    return name;
}

// One call as JSON: {"name": …, "arguments": …}, or that inside "function". False if it is none.
static bool take_object(const json_t *object, const json_t *tools, struct calls *calls, bool *is_offered)
{
    if (json_is_object(json_object_get(object, "function")))
        object = json_object_get(object, "function");
    const char *name = name_of(object);
    const json_t *arguments = arguments_of(object);
    if (*name == '\0' && !(name = only_name(object, tools, &arguments)))
        return false;
    if (!json_is_object(arguments) && !json_is_string(arguments))
        return false;
    if (!calls_tool_named(tools, str_from(name)))
        *is_offered = false;
    char *printed = json_is_string(arguments) ? mem_dup(str_from(json_string_value(arguments)))
                                              : json_dumps(arguments, JSON_COMPACT);
    if (calls_add(calls, str_from(name), str_from(printed)) != 0)
        *is_offered = false;
    free(printed);
    return true;
}

static bool take_list(const json_t *list, const json_t *tools, struct calls *calls, bool *is_offered)
{
    bool is_call = json_array_size(list) > 0;
    for (size_t i = 0; i < json_array_size(list) && is_call; i++)
        is_call = take_object(json_array_get(list, i), tools, calls, is_offered);
    return is_call;
}

// A value, several in a row, or an array of calls; false if there is anything else.
static bool take_json(struct str text, const json_t *tools, struct calls *calls, bool *is_offered)
{
    bool is_any = false;
    for (text = text_trimmed(text); text.n > 0; text = text_trimmed(text)) {
        json_error_t error;
        json_t *value = json_loadb(text.p, text.n, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
        bool is_call = value && error.position > 0 && (size_t)error.position <= text.n;
        const json_t *written = json_object_get(value, "tool_calls"); // a whole message, as the API has it
        if (is_call && (json_is_array(value) || written))
            is_call = take_list(written ? written : value, tools, calls, is_offered);
        else if (is_call)
            is_call = take_object(value, tools, calls, is_offered);
        json_decref(value);
        if (!is_call)
            return false;
        is_any = true;
        text = str_skip(text, (size_t)error.position);
        if (str_starts(text_trimmed(text), STR(";")) || str_starts(text_trimmed(text), STR(",")))
            text = str_skip(text_trimmed(text), 1);
    }
    return is_any;
}

// What the tool's schema says of the type of a parameter, or "".
static const char *type_of(const json_t *tools, struct str tool, const char *parameter)
{
    const char *name = calls_tool_named(tools, tool);
    size_t i;
    json_t *item;
    json_array_foreach(tools, i, item)
    {
        const json_t *function = json_object_get(item, "function");
        if (name && strcmp(member_text(function, "name"), name) == 0)
            return member_text(
                json_object_get(json_object_get(json_object_get(function, "parameters"), "properties"), parameter),
                "type");
    }
    return "";
}

// Tags have only text: it is a string unless the tool's schema wants something else.
static void set_text(json_t *arguments, const json_t *tools, struct str tool, struct str parameter, struct str value)
{
    char *key = mem_dup(text_trimmed(parameter));
    value = text_trimmed(value);
    const char *type = type_of(tools, tool, key);
    json_t *typed = NULL;
    if (*type != '\0' && strcmp(type, "string") != 0)
        typed = json_loadb(value.p, value.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_object_set_new(arguments, key, typed ? typed : json_stringn(value.p, value.n));
    free(key);
}

static void add_call(struct str name, char *take_arguments, const json_t *tools, struct calls *calls, bool *is_offered)
{
    if (!calls_tool_named(tools, name) || calls_add(calls, name, str_from(take_arguments)) != 0)
        *is_offered = false;
    free(take_arguments);
}

static void add_object(struct str name, json_t *take_arguments, const json_t *tools, struct calls *calls,
                       bool *is_offered)
{
    add_call(name, json_dumps(take_arguments, JSON_COMPACT), tools, calls, is_offered);
    json_decref(take_arguments);
}

static bool is_name(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!isalnum((unsigned char)text.p[i]) && !memchr("_-.:/", text.p[i], 5))
            return false;
    return text.n > 0;
}

// How a function and its parameters stand between tags: `call` and `parameter` begin them, up to the end of the name.
static const struct tags {
    struct str call, name_end, call_end, parameter, parameter_name_end, parameter_end;
} tags[] = {
    {MARK("<function="), MARK(">"), MARK("</function>"), MARK("<parameter="), MARK(">"), MARK("</parameter>")},
    {MARK("<invoke name=\""), MARK("\">"), MARK("</invoke>"), MARK("<param name=\""), MARK("\">"), MARK("</param>")},
    {MARK("<invoke name=\""), MARK("\">"), MARK("</invoke>"), MARK("<parameter name=\""), MARK("\">"),
     MARK("</parameter>")},
    {MARK("<｜DSML｜invoke name=\""), MARK("\">"), MARK("</｜DSML｜invoke>"), MARK("<｜DSML｜parameter name=\""),
     MARK("\""), MARK("</｜DSML｜parameter>")},
};

static void take_tagged(const struct tags *form, struct str name, struct str body, const json_t *tools,
                        struct calls *calls, bool *is_offered)
{
    json_t *arguments = json_object();
    struct str rest = text_trimmed(body);
    if (rest.n > 0 && !str_starts(rest, form->parameter)) { // JSON instead
        json_decref(arguments);
        add_call(name, mem_dup(rest), tools, calls, is_offered);
        return;
    }
    while (str_starts(rest, form->parameter)) {
        rest = str_skip(rest, form->parameter.n);
        struct str parameter = text_until(&rest, form->parameter_name_end);
        if (str_eq(form->parameter_name_end, STR("\""))) // other attributes follow
            (void)text_until(&rest, STR(">"));
        struct str value = text_until(&rest, form->parameter_end);
        set_text(arguments, tools, name, parameter, value);
        rest = text_trimmed(rest);
    }
    add_object(name, arguments, tools, calls, is_offered);
}

// True for what stands behind a name that a sentence speaks of: neither parameters nor JSON, and no end of a call.
static bool is_prose(const struct tags *form, struct str behind)
{
    struct str text = text_bare(behind);
    bool is_open = text_find(behind, form->call_end) == behind.n;
    return is_open && text.n > 0 && text.p[0] != '{' && !str_starts(text, form->parameter);
}

static bool take_tags(struct str text, const json_t *tools, struct calls *calls, bool *is_offered)
{
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        const struct tags *form = &tags[i];
        bool is_any = false;
        struct str rest = text_trimmed(text);
        // Parameters have either word; the shorter one counts where it stands.
        bool is_other = str_eq(form->parameter, STR("<param name=\"")) && text_find(text, form->parameter) == text.n;
        while (!is_other && str_starts(rest, form->call)) {
            rest = str_skip(rest, form->call.n);
            if (text_find(rest, form->name_end) == rest.n)
                return is_any;
            struct str name = text_until(&rest, form->name_end);
            if (is_prose(form, rest) && !calls_tool_named(tools, name))
                return is_any;
            take_tagged(form, name, text_until(&rest, form->call_end), tools, calls, is_offered);
            rest = text_trimmed(rest);
            is_any = true;
        }
        if (is_any)
            return true;
    }
    return false;
}

// GLM: the name, then pairs of <arg_key>k</arg_key><arg_value>v</arg_value>, or none.
static bool take_pairs(struct str text, const json_t *tools, struct calls *calls, bool *is_offered)
{
    struct str rest = text;
    size_t n = text_find(rest, STR("<arg_key>"));
    struct str name = text_trimmed((struct str){rest.p, n});
    if (!is_name(name) || (n == rest.n && !calls_tool_named(tools, name)))
        return false;
    json_t *arguments = json_object();
    rest = str_skip(rest, n);
    while (str_starts(rest, STR("<arg_key>"))) {
        rest = str_skip(rest, 9);
        struct str key = text_until(&rest, STR("</arg_key>"));
        (void)text_until(&rest, STR("<arg_value>"));
        set_text(arguments, tools, name, key, text_until(&rest, STR("</arg_value>")));
        rest = text_trimmed(rest);
    }
    add_object(name, arguments, tools, calls, is_offered);
    return true;
}

// Reads what stands between single quotes, of which the first begins `text`. Its escapes are JSON's; any other
// backslash stands for itself.
static json_t *single_quoted(struct str *text)
{
    struct buf json = {0};
    size_t n = 1;
    buf_char(&json, '"');
    for (; n < text->n && text->p[n] != '\''; n++) {
        char c = text->p[n], next = n + 1 < text->n ? text->p[n + 1] : '\0';
        bool is_escape = c == '\\' && next != '\0' && strchr("\"\\bfnrtu'", next);
        n += is_escape;
        if (is_escape ? next == '\'' : c != '"' && c != '\\' && !iscntrl((unsigned char)c))
            buf_char(&json, is_escape ? next : c);
        else if (iscntrl((unsigned char)c))
            buf_printf(&json, "\\u%04x", (unsigned)(unsigned char)c);
        else
            buf_printf(&json, "\\%c", is_escape ? next : c);
    }
    buf_char(&json, '"');
    json_t *value = n < text->n ? json_loadb(buf_cstr(&json), json.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;
    *text = str_skip(*text, n < text->n ? n + 1 : n);
    buf_fini(&json);
    return value;
}

// Reads a literal of Python at the start of `text` and moves it behind; NULL if there is none.
static json_t *python_value(struct str *text)
{
    static const struct {
        const char *word;
        int kind;
    } words[] = {{"True", 1}, {"true", 1}, {"False", 0}, {"false", 0}, {"None", -1}, {"null", -1}};
    json_error_t error;
    *text = text_trimmed(*text);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_starts(*text, str_from(words[i].word))) {
            *text = str_skip(*text, strlen(words[i].word));
            return words[i].kind < 0 ? json_null() : json_boolean(words[i].kind);
        }
    if (!str_starts(*text, STR("'"))) {
        json_t *value = json_loadb(text->p, text->n, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
        if (value)
            *text = str_skip(*text, (size_t)error.position);
        return value;
    }
    return single_quoted(text);
}

// name(a="b", c=1) at the start of `text`, which is moved behind it.
static bool take_python_call(struct str *text, const json_t *tools, struct calls *calls)
{
    size_t open = text_find(*text, STR("("));
    struct str name = text_trimmed((struct str){text->p, open}), rest = *text;
    bool is_offered = true;
    if (open == rest.n || !is_name(name) || !calls_tool_named(tools, name))
        return false;
    json_t *arguments = json_object();
    for (rest = text_trimmed(str_skip(rest, open + 1)); rest.n > 0 && rest.p[0] != ')'; rest = text_trimmed(rest)) {
        struct str key = text_trimmed(text_until(&rest, STR("=")));
        json_t *value = is_name(key) ? python_value(&rest) : NULL;
        if (!value)
            break;
        char *member = mem_dup(key);
        json_object_set_new(arguments, member, value);
        free(member);
        rest = text_trimmed(rest);
        if (str_starts(rest, STR(",")))
            rest = str_skip(rest, 1);
    }
    bool is_whole = str_starts(rest, STR(")"));
    *text = is_whole ? str_skip(rest, 1) : rest;
    if (is_whole)
        add_object(name, arguments, tools, calls, &is_offered);
    else
        json_decref(arguments);
    return is_whole && is_offered;
}

// Calls as in Python: one, a list of them, or print() of one.
static bool take_python(struct str text, const json_t *tools, struct calls *calls)
{
    static const struct {
        struct str open, close;
    } around[] = {{MARK("["), MARK("]")}, {MARK("print("), MARK(")")}};
    for (size_t i = 0; i < sizeof around / sizeof around[0]; i++)
        if (str_starts(text, around[i].open) && text.n > around[i].open.n + 1 &&
            memcmp(text.p + text.n - 1, around[i].close.p, 1) == 0) {
            text = str_skip(text, around[i].open.n);
            text.n--;
        }
    bool is_any = false;
    for (text = text_trimmed(text); text.n > 0; text = text_trimmed(text)) {
        if (!take_python_call(&text, tools, calls))
            return false;
        is_any = true;
        text = text_trimmed(text);
        if (str_starts(text, STR(",")) || str_starts(text, STR(";")))
            text = str_skip(text, 1);
    }
    return is_any;
}

bool notation_take(struct str inside, const json_t *tools, struct calls *calls, bool *is_offered)
{
    static bool (*const notations[])(struct str, const json_t *, struct calls *, bool *) = {take_json, take_tags,
                                                                                            take_pairs, notation_named};
    inside = text_bare(inside);
    for (size_t i = 0; i < sizeof notations / sizeof notations[0]; i++) {
        size_t had = calls->count;
        bool was_offered = *is_offered;
        if (notations[i](inside, tools, calls, is_offered))
            return true;
        calls_drop(calls, had);
        *is_offered = was_offered;
    }
    return take_python(inside, tools, calls);
}

bool notation_take_bare(struct str text, const json_t *tools, struct calls *calls, bool *is_offered)
{
    if (str_starts(text, STR("functools["))) // Phi's word for a list of calls
        text = str_skip(text, 9);
    if (text.n == 0)
        return false;
    if ((text.p[0] == '{' || text.p[0] == '[') && take_json(text, tools, calls, is_offered))
        return true;
    calls_drop(calls, 0);
    if (notation_named_bare(text, tools, calls, is_offered))
        return true;
    calls_drop(calls, 0);
    return take_python(text, tools, calls);
}

bool notation_tries(struct str inside, const json_t *tools)
{
    size_t i, n = 0;
    json_t *tool;
    inside = text_trimmed(inside);
    while (n < inside.n && !isspace((unsigned char)inside.p[n]))
        n++;
    // What begins with a word is prose, unless the word is the name.
    if (inside.n > 0 && !memchr("{[<(`\"", inside.p[0], 6))
        inside.n = n;
    json_array_foreach(tools, i, tool)
    {
        struct str name = str_from(member_text(json_object_get(tool, "function"), "name"));
        if (text_find_word(inside, name) < inside.n)
            return true;
    }
    return false;
}
