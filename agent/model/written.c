// SPDX-License-Identifier: Apache-2.0
#include "agent/model/written.h"

#include <ctype.h>
#include <stdlib.h>

#include "agent/member.h"

#define MARK(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

// How calls are enclosed. An absent closing mark, or one that never comes, means the end of the text.
static const struct form {
    struct str open, close;
} forms[] = {
    {MARK("<tool_call>"), MARK("</tool_call>")},         {MARK("<tool_calls>"), MARK("</tool_calls>")},
    {MARK("<function_call>"), MARK("</function_call>")}, {MARK("<|tool_call|>"), MARK("<|/tool_call|>")},
    {MARK("<|tool_call>"), MARK("<tool_call|>")},        {MARK("[TOOL_CALLS]"), {NULL, 0}},
    {MARK("<|python_tag|>"), MARK("<|eom_id|>")},        {MARK("<|action_start|>"), MARK("<|action_end|>")},
    {MARK("<function="), MARK("</function>")},
};

// Sections of calls, each with its name before a separator and its arguments behind.
static const struct section {
    struct str open, close, call, separator, end;
} sections[] = {
    {MARK("<｜tool▁calls▁begin｜>"), MARK("<｜tool▁calls▁end｜>"), MARK("<｜tool▁call▁begin｜>"),
     MARK("<｜tool▁sep｜>"), MARK("<｜tool▁call▁end｜>")},
    {MARK("<|tool_calls_section_begin|>"), MARK("<|tool_calls_section_end|>"), MARK("<|tool_call_begin|>"),
     MARK("<|tool_call_argument_begin|>"), MARK("<|tool_call_end|>")},
};

#define MARKS_MAX (2 * CALLS_MAX) // looked for in one text; what follows is text
#define END_BYTES 4096            // of a text, in which a call at its end is looked for
#define FORMS (sizeof forms / sizeof forms[0])

static struct str trimmed(struct str text)
{
    while (text.n > 0 && isspace((unsigned char)text.p[0]))
        text = str_skip(text, 1);
    while (text.n > 0 && isspace((unsigned char)text.p[text.n - 1]))
        text.n--;
    return text;
}

static size_t find(struct str text, struct str what)
{
    const char *at = what.n > 0 && text.n >= what.n ? memmem(text.p, text.n, what.p, what.n) : NULL;
    return at ? (size_t)(at - text.p) : text.n;
}

// Without a fence of code around it.
static struct str bare(struct str text)
{
    text = trimmed(text);
    if (!str_starts(text, STR("```")) || text.n < 7 || memcmp(text.p + text.n - 3, "```", 3) != 0)
        return text;
    size_t n = find(text, STR("\n"));
    return n < text.n ? trimmed((struct str){text.p + n, text.n - n - 3}) : text;
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

// One call as JSON: {"name": …, "arguments": …}, or that inside "function". False if it is none.
static bool take_object(const json_t *object, const json_t *tools, struct calls *calls, bool *is_offered)
{
    if (json_is_object(json_object_get(object, "function")))
        object = json_object_get(object, "function");
    const char *name = name_of(object);
    const json_t *arguments = arguments_of(object);
    if (*name == '\0' || !(json_is_object(arguments) || json_is_string(arguments)))
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

// A value, several in a row, or an array of calls; false if there is anything else.
static bool take_json(struct str text, const json_t *tools, struct calls *calls, bool *is_offered)
{
    bool is_any = false;
    for (text = trimmed(text); text.n > 0; text = trimmed(text)) {
        json_error_t error;
        json_t *value = json_loadb(text.p, text.n, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
        bool is_call = value && error.position > 0 && (size_t)error.position <= text.n;
        if (is_call && json_is_array(value)) {
            is_call = json_array_size(value) > 0;
            for (size_t i = 0; i < json_array_size(value) && is_call; i++)
                is_call = take_object(json_array_get(value, i), tools, calls, is_offered);
        } else if (is_call) {
            is_call = take_object(value, tools, calls, is_offered);
        }
        json_decref(value);
        if (!is_call)
            return false;
        is_any = true;
        text = str_skip(text, (size_t)error.position);
        if (str_starts(trimmed(text), STR(";")) || str_starts(trimmed(text), STR(",")))
            text = str_skip(trimmed(text), 1);
    }
    return is_any;
}

// name>…, as stands behind "<function=": JSON, or <parameter=NAME>value</parameter>.
static bool take_function(struct str text, const json_t *tools, struct calls *calls, bool *is_offered)
{
    struct str name = str_cut(&text, '>');
    if (!text.p || name.n == 0)
        return false;
    json_t *arguments = json_object();
    struct str rest = trimmed(text);
    size_t end = find(rest, STR("</function>"));
    rest.n = end;
    bool has_parameters = str_starts(rest, STR("<parameter="));
    while (str_starts(rest, STR("<parameter="))) {
        rest = str_skip(rest, 11);
        struct str member = str_cut(&rest, '>');
        if (!rest.p)
            break;
        size_t n = find(rest, STR("</parameter>"));
        struct str value = trimmed((struct str){rest.p, n});
        char *key = mem_dup(member);
        json_object_set_new(arguments, key, json_stringn(value.p, value.n));
        free(key);
        rest = trimmed(str_skip(rest, n < rest.n ? n + 12 : n));
    }
    char *printed = has_parameters ? json_dumps(arguments, JSON_COMPACT) : mem_dup(rest);
    if (!calls_tool_named(tools, name) || calls_add(calls, name, str_from(printed)) != 0)
        *is_offered = false;
    free(printed);
    json_decref(arguments);
    return true;
}

static bool take_inside(struct str inside, const json_t *tools, struct calls *calls, bool *is_offered)
{
    inside = bare(inside);
    if (str_starts(inside, STR("<function=")))
        return take_function(str_skip(inside, 10), tools, calls, is_offered);
    return take_json(inside, tools, calls, is_offered);
}

// True behind an odd number of backticks.
static bool is_in_code(const struct buf *text)
{
    size_t ticks = 0;
    for (size_t i = 0; i < text->n; i++)
        ticks += text->p[i] == '`';
    return ticks % 2 == 1;
}

// Takes every enclosed call out of `content`; what stands around them goes to `around`.
static bool take_enclosed(struct str content, const json_t *tools, struct calls *calls, struct buf *around,
                          bool *is_offered)
{
    bool is_any = false;
    for (int marks = 0; content.n > 0; marks++) {
        size_t at = content.n;
        const struct form *form = NULL;
        for (size_t i = 0; i < FORMS && marks < MARKS_MAX; i++) {
            size_t hit = find(content, forms[i].open);
            if (hit < at) {
                at = hit;
                form = &forms[i];
            }
        }
        buf_bytes(around, content.p, at);
        if (!form)
            break;
        content = str_skip(content, at + form->open.n);
        size_t n = find(content, form->close);
        struct str inside = {content.p, n};
        bool is_function = str_eq(form->open, STR("<function="));
        if (is_in_code(around)) { // a text that speaks of calls and is none
            buf_str(around, form->open);
            buf_str(around, inside);
        } else if (is_function ? take_function(inside, tools, calls, is_offered)
                               : take_inside(inside, tools, calls, is_offered)) {
            is_any = true;
        } else { // a mark and no call in it: the text speaks of marks
            buf_str(around, form->open);
            buf_str(around, inside);
        }
        content = str_skip(content, n < content.n ? n + form->close.n : n);
    }
    return is_any;
}

// Rewrites sections into the form of a function, which is then taken like any other.
static void spell_sections(struct str content, struct buf *out)
{
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        const struct section *section = &sections[i];
        size_t at = find(content, section->open);
        if (at == content.n)
            continue;
        buf_bytes(out, content.p, at);
        struct str rest = str_skip(content, at + section->open.n);
        size_t n = find(rest, section->close);
        struct str inside = {rest.p, n}, behind = str_skip(rest, n < rest.n ? n + section->close.n : n);
        while ((at = find(inside, section->call)) < inside.n) {
            inside = str_skip(inside, at + section->call.n);
            struct str call = {inside.p, find(inside, section->end)};
            inside = str_skip(inside, call.n);
            // DeepSeek's begins with the kind, which is always "function", and has the name behind the separator.
            size_t separator = find(call, section->separator);
            struct str name = {call.p, separator}, arguments = str_skip(call, separator);
            arguments = str_skip(arguments, arguments.n > 0 ? section->separator.n : 0);
            if (str_eq(trimmed(name), STR("function"))) {
                name = (struct str){arguments.p, find(arguments, STR("\n"))};
                arguments = str_skip(arguments, name.n);
            }
            buf_lit(out, "<function=");
            buf_str(out, trimmed(name));
            buf_char(out, '>');
            buf_str(out, bare(arguments));
            buf_lit(out, "</function>");
        }
        buf_str(out, behind);
        return;
    }
    buf_str(out, content);
}

static bool is_blank(struct str text)
{
    return trimmed(text).n == 0;
}

// True if the text ends with a line that is the call of an offered tool as JSON, perhaps fenced: that is no answer,
// though something stands before it.
static bool ends_with_call(struct str content, const json_t *tools)
{
    content = trimmed(content);
    if (content.n > 3 && memcmp(content.p + content.n - 3, "```", 3) == 0)
        content.n -= 3;
    for (size_t i = content.n > END_BYTES ? content.n - END_BYTES : 1; i < content.n; i++) {
        if (content.p[i] != '{' || content.p[i - 1] != '\n')
            continue;
        struct calls calls = {0};
        bool is_offered = true;
        bool is_call = take_json(str_skip(content, i), tools, &calls, &is_offered) && is_offered;
        calls_fini(&calls);
        if (is_call)
            return true;
    }
    return false;
}

enum written written_find(struct str content, const json_t *tools, struct calls *calls)
{
    struct buf around = {0}, spelled = {0};
    struct calls found = {0};
    bool is_offered = true, is_mixed = false;
    spell_sections(content, &spelled);
    content = bare(buf_view(&spelled));
    bool is_any = take_enclosed(content, tools, &found, &around, &is_offered);
    if (is_any) {
        is_mixed = !is_blank(buf_view(&around));
    } else {
        struct str text = bare(content);
        is_any = text.n > 0 && (text.p[0] == '{' || text.p[0] == '[') && take_json(text, tools, &found, &is_offered);
        is_mixed = !is_any && ends_with_call(content, tools);
        is_any |= is_mixed;
    }
    buf_fini(&around);
    buf_fini(&spelled);
    if (!is_any || is_mixed || !is_offered) {
        calls_fini(&found);
        return is_any ? WRITTEN_MIXED : WRITTEN_NOTHING;
    }
    *calls = found;
    return WRITTEN_CALLS;
}

static void take_channel(struct str head, struct str message, struct buf *thought, struct buf *text)
{
    size_t to = find(head, STR("to="));
    if (to < head.n) {
        struct str name = str_skip(head, to + 3);
        size_t n = 0;
        while (n < name.n && !isspace((unsigned char)name.p[n]) && name.p[n] != '<')
            n++;
        // As one of the forms above, so that it is judged like them.
        buf_lit(text, "<function=");
        buf_bytes(text, name.p, n);
        buf_char(text, '>');
        buf_str(text, message);
        buf_lit(text, "</function>");
    } else if (str_starts(trimmed(head), STR("final"))) {
        buf_str(text, message);
    } else {
        if (thought->n > 0 && message.n > 0)
            buf_char(thought, '\n');
        buf_str(thought, message);
    }
}

// A server may drop the marks and leave their words: "analysisI think…assistantfinalHello".
static bool split_words(struct str content, struct buf *thought, struct buf *text)
{
    size_t at = find(content, STR("assistantfinal"));
    if (!str_starts(content, STR("analysis")) || at == content.n)
        return false;
    buf_bytes(thought, content.p + 8, at - 8);
    buf_str(text, str_skip(content, at + 14));
    return true;
}

bool written_channels(struct str content, struct buf *thought, struct buf *text)
{
    static const struct str ends[] = {MARK("<|end|>"), MARK("<|call|>"), MARK("<|return|>"), MARK("<|start|>")};
    struct str rest = trimmed(content);
    if (str_starts(rest, STR("<|start|>assistant")))
        rest = str_skip(rest, 18);
    if (!str_starts(rest, STR("<|channel|>")))
        return split_words(rest, thought, text);
    size_t at;
    while ((at = find(rest, STR("<|channel|>"))) < rest.n) {
        // A recipient may stand between the role and the channel.
        struct str before = {rest.p, at};
        rest = str_skip(rest, at + 11);
        at = find(rest, STR("<|message|>"));
        struct buf head = {0};
        buf_str(&head, before);
        buf_char(&head, ' ');
        size_t of_channel = head.n;
        buf_bytes(&head, rest.p, at);
        rest = str_skip(rest, at < rest.n ? at + 11 : at);
        size_t n = rest.n;
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
            size_t end = find(rest, ends[i]);
            n = end < n ? end : n;
        }
        struct str named = buf_view(&head);
        bool has_recipient = find(named, STR("to=")) < named.n;
        take_channel(has_recipient ? named : str_skip(named, of_channel), (struct str){rest.p, n}, thought, text);
        buf_fini(&head);
        rest = str_skip(rest, n);
    }
    return true;
}
