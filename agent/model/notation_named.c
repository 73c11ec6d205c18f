// SPDX-License-Identifier: Apache-2.0
#include "agent/model/notation_named.h"

#include <ctype.h>
#include <stdlib.h>

#include "agent/model/text.h"

static bool is_name(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!isalnum((unsigned char)text.p[i]) && !memchr("_-.:/", text.p[i], 5))
            return false;
    return text.n > 0;
}

// False if they are no object.
static bool add_call(struct str name, json_t *take_arguments, const json_t *tools, struct calls *calls,
                     bool *is_offered)
{
    bool is_call = json_is_object(take_arguments) && is_name(name);
    char *printed = is_call ? json_dumps(take_arguments, JSON_COMPACT) : NULL;
    if (is_call && (!calls_tool_named(tools, name) || calls_add(calls, name, str_from(printed)) != 0))
        *is_offered = false;
    free(printed);
    json_decref(take_arguments);
    return is_call;
}

static json_t *json_of(struct str text)
{
    return json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL);
}

// Mistral: name[ARGS]{…}, with an id between them or without the mark; several with a mark between them.
static bool take_marked(struct str text, const json_t *tools, struct calls *calls, bool *is_offered)
{
    bool is_any = false;
    while (text_trimmed(text).n > 0) {
        struct str one = text_trimmed(text_until(&text, STR("[TOOL_CALLS]")));
        size_t brace = text_find(one, STR("{"));
        struct str head = {one.p, brace}, name = text_trimmed(text_until(&head, STR("[")));
        if (one.n == 0)
            continue;
        if (!add_call(name, json_of(str_skip(one, brace)), tools, calls, is_offered))
            return false;
        is_any = true;
    }
    return is_any;
}

// A value of Gemma's at the start of `text`, which is moved behind it: between marks it is a string, else JSON, or a
// word.
static json_t *gemma_value(struct str *text)
{
    static const struct str marks[] = {{"<escape>", 8}, {"<|\"|>", 5}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (str_starts(*text, marks[i])) {
            *text = str_skip(*text, marks[i].n);
            struct str inside = text_until(text, marks[i]);
            return json_stringn(inside.p, inside.n);
        }
    size_t n = 0;
    while (n < text->n && text->p[n] != ',' && text->p[n] != '}')
        n++;
    struct str word = text_trimmed((struct str){text->p, n});
    *text = str_skip(*text, n);
    json_t *value = json_loadb(word.p, word.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    return value ? value : json_stringn(word.p, word.n);
}

// Gemma: call:name{key:value,…}.
static bool take_gemma(struct str text, const json_t *tools, struct calls *calls, bool *is_offered)
{
    if (!str_starts(text, STR("call:")))
        return false;
    text = str_skip(text, 5);
    struct str name = text_trimmed(text_until(&text, STR("{")));
    json_t *arguments = json_object();
    for (text = text_trimmed(text); text.n > 0 && text.p[0] != '}'; text = text_trimmed(text)) {
        struct str key = text_trimmed(text_until(&text, STR(":")));
        text = text_trimmed(text);
        char *member = mem_dup(key);
        json_object_set_new(arguments, member, gemma_value(&text));
        free(member);
        text = text_trimmed(text);
        if (str_starts(text, STR(",")))
            text = str_skip(text, 1);
    }
    bool is_whole = text.n == 1;
    if (!is_whole)
        json_decref(arguments);
    return is_whole && add_call(name, arguments, tools, calls, is_offered);
}

bool notation_named(struct str inside, const json_t *tools, struct calls *calls, bool *is_offered)
{
    if (str_starts(inside, STR("call:")))
        return take_gemma(inside, tools, calls, is_offered);
    return take_marked(inside, tools, calls, is_offered);
}

// Functionary: >>>name, and the arguments on the lines below. Qwen's older agent: the same under headings.
bool notation_named_bare(struct str text, const json_t *tools, struct calls *calls, bool *is_offered)
{
    static const struct {
        struct str call, arguments, end;
    } forms[] = {
        {{">>>", 3}, {"\n", 1}, {">>>", 3}},
        {{"✿FUNCTION✿:", 15}, {"✿ARGS✿:", 11}, {"✿RESULT✿", 12}},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct str rest = text;
        bool is_any = false;
        while (str_starts(rest, forms[i].call)) {
            rest = str_skip(rest, forms[i].call.n);
            struct str name = text_trimmed(text_until(&rest, forms[i].arguments));
            struct str arguments = {rest.p, text_find(rest, forms[i].end)};
            bool is_last = str_eq(forms[i].call, forms[i].end);
            rest = text_trimmed(str_skip(rest, arguments.n + (is_last || arguments.n == rest.n ? 0 : forms[i].end.n)));
            if (!calls_tool_named(tools, name) || !add_call(name, json_of(arguments), tools, calls, is_offered))
                return false;
            is_any = true;
        }
        if (is_any && rest.n == 0)
            return true;
    }
    return false;
}
