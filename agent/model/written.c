// SPDX-License-Identifier: Apache-2.0
#include "agent/model/written.h"

#include <ctype.h>
#include <stdlib.h>

#include "agent/model/notation.h"
#include "agent/model/text.h"

#define MARK(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

// How calls are enclosed. An absent closing mark, or one that never comes, means the end of the text. `is_call`: the
// marks are the call's own.
static const struct form {
    struct str open, close;
    bool is_call;
} forms[] = {
    {MARK("<tool_call>"), MARK("</tool_call>"), false},
    {MARK("<tool_calls>"), MARK("</tool_calls>"), false},
    {MARK("<function_call>"), MARK("</function_call>"), false},
    {MARK("<function_calls>"), MARK("</function_calls>"), false},
    {MARK("<minimax:tool_call>"), MARK("</minimax:tool_call>"), false},
    {MARK("<seed:tool_call>"), MARK("</seed:tool_call>"), false},
    {MARK("<longcat_tool_call>"), MARK("</longcat_tool_call>"), false},
    {MARK("<｜DSML｜function_calls>"), MARK("</｜DSML｜function_calls>"), false},
    {MARK("<｜DSML｜tool_calls>"), MARK("</｜DSML｜tool_calls>"), false},
    {MARK("<TOOLCALL>"), MARK("</TOOLCALL>"), false},
    {MARK("<|tool_call|>"), MARK("<|/tool_call|>"), false},
    {MARK("<|tool_call>"), MARK("<tool_call|>"), false},
    {MARK("<|tool_call_start|>"), MARK("<|tool_call_end|>"), false},
    {MARK("<start_function_call>"), MARK("<end_function_call>"), false},
    {MARK("<|START_ACTION|>"), MARK("<|END_ACTION|>"), false},
    {MARK("<|tools_prefix|>"), MARK("<|tools_suffix|>"), false},
    {MARK("[TOOL_CALLS]"), {NULL, 0}, false},
    {MARK("<|python_tag|>"), MARK("<|eom_id|>"), false},
    {MARK("<|action_start|><|plugin|>"), MARK("<|action_end|>"), false},
    {MARK("<|action_start|>"), MARK("<|action_end|>"), false},
    {MARK("<function="), MARK("</function>"), true},
    {MARK("<invoke name=\""), MARK("</invoke>"), true},
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

// True behind an odd number of backticks.
static bool is_in_code(struct str before)
{
    size_t ticks = 0;
    for (size_t i = 0; i < before.n; i++)
        ticks += before.p[i] == '`';
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
            size_t hit = text_find(content, forms[i].open);
            if (hit < at) {
                at = hit;
                form = &forms[i];
            }
        }
        buf_bytes(around, content.p, at);
        if (!form)
            break;
        content = str_skip(content, at + form->open.n);
        size_t n = text_find(content, form->close);
        struct str inside = {content.p, n};
        if (form->is_call) // the mark belongs to the call
            inside = (struct str){content.p - form->open.n, n + form->open.n + (n < content.n ? form->close.n : 0)};
        if (!is_in_code(buf_view(around)) && notation_take(inside, tools, calls, is_offered)) {
            is_any = true;
        } else {
            // In code, or in a sentence, the text speaks of calls and is none.
            if (!is_in_code(buf_view(around)) && notation_tries(inside, tools)) {
                is_any = true;
                *is_offered = false;
            }
            buf_str(around, form->open);
            buf_str(around, (struct str){content.p, n});
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
        size_t at = text_find(content, section->open);
        if (at == content.n)
            continue;
        buf_bytes(out, content.p, at);
        struct str rest = str_skip(content, at + section->open.n);
        size_t n = text_find(rest, section->close);
        struct str inside = {rest.p, n}, behind = str_skip(rest, n < rest.n ? n + section->close.n : n);
        while ((at = text_find(inside, section->call)) < inside.n) {
            inside = str_skip(inside, at + section->call.n);
            struct str call = {inside.p, text_find(inside, section->end)};
            inside = str_skip(inside, call.n);
            // DeepSeek's begins with the kind, which is always "function", and has the name behind the separator.
            size_t separator = text_find(call, section->separator);
            struct str name = {call.p, separator}, arguments = str_skip(call, separator);
            arguments = str_skip(arguments, arguments.n > 0 ? section->separator.n : 0);
            if (str_eq(text_trimmed(name), STR("function"))) {
                name = (struct str){arguments.p, text_find(arguments, STR("\n"))};
                arguments = str_skip(arguments, name.n);
            }
            buf_lit(out, "<function=");
            buf_str(out, text_trimmed(name));
            buf_char(out, '>');
            buf_str(out, text_bare(arguments));
            buf_lit(out, "</function>");
        }
        buf_str(out, behind);
        return;
    }
    buf_str(out, content);
}

static bool is_blank(struct str text)
{
    return text_trimmed(text).n == 0;
}

// True if the text ends with a line that is the call of an offered tool as JSON, perhaps fenced: that is no answer,
// though something stands before it.
static bool ends_with_call(struct str content, const json_t *tools)
{
    content = text_trimmed(content);
    if (content.n > 3 && memcmp(content.p + content.n - 3, "```", 3) == 0)
        content.n -= 3;
    for (size_t i = content.n > END_BYTES ? content.n - END_BYTES : 1; i < content.n; i++) {
        if (content.p[i] != '{' || content.p[i - 1] != '\n')
            continue;
        struct calls calls = {0};
        bool is_offered = true;
        bool is_call = notation_take_bare(str_skip(content, i), tools, &calls, &is_offered) && is_offered;
        calls_fini(&calls);
        if (is_call)
            return true;
    }
    return false;
}

// True for the lines with which older agents act: "Action: NAME", "Action Input: …". They go on only with an output.
static bool is_action(struct str content, const json_t *tools)
{
    size_t at = text_find(content, STR("Action Input:"));
    if (at == content.n || is_in_code((struct str){content.p, at}))
        return false;
    for (struct str rest = {content.p, at}; rest.n > 0;) {
        struct str line = text_trimmed(text_until(&rest, STR("\n")));
        if (str_starts(line, STR("Action:")) && calls_tool_named(tools, str_skip(line, 7)))
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
    content = text_bare(buf_view(&spelled));
    bool is_any = take_enclosed(content, tools, &found, &around, &is_offered);
    if (is_any) {
        is_mixed = !is_blank(buf_view(&around));
    } else {
        struct str text = text_bare(content);
        is_any = notation_take_bare(text, tools, &found, &is_offered);
        is_mixed = !is_any && (ends_with_call(content, tools) || is_action(content, tools));
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
    size_t to = text_find(head, STR("to="));
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
    } else if (str_starts(text_trimmed(head), STR("final"))) {
        buf_str(text, message);
    } else {
        if (thought->n > 0 && message.n > 0)
            buf_char(thought, '\n');
        buf_str(thought, message);
    }
}

// The call in a channel without marks: "commentary to=functions.search json{…}".
static void take_bare_call(struct str call, struct buf *text)
{
    size_t brace = text_find(call, STR("{")), n = 0;
    while (n < brace && !isspace((unsigned char)call.p[n]))
        n++;
    buf_lit(text, "<function=");
    buf_bytes(text, call.p, n);
    buf_char(text, '>');
    buf_str(text, str_skip(call, brace));
    buf_lit(text, "</function>");
}

// A server may drop the marks and leave their words: "analysisI think…assistantfinalHello".
static bool split_words(struct str content, struct buf *thought, struct buf *text)
{
    static const struct str final = MARK("assistantfinal"), call = MARK("assistantcommentary to=");
    if (str_starts(content, STR("commentary to=functions."))) {
        take_bare_call(str_skip(content, 14), text);
        return true;
    }
    if (!str_starts(content, STR("analysis")))
        return false;
    struct str rest = str_skip(content, 8);
    size_t call_at = text_find(rest, call), final_at = text_find(rest, final);
    size_t at = call_at < final_at ? call_at : final_at;
    if (at == rest.n)
        return false;
    buf_bytes(thought, rest.p, at);
    if (call_at < final_at)
        take_bare_call(str_skip(rest, at + call.n), text);
    else
        buf_str(text, str_skip(rest, at + final.n));
    return true;
}

bool written_channels(struct str content, struct buf *thought, struct buf *text)
{
    static const struct str ends[] = {MARK("<|end|>"), MARK("<|call|>"), MARK("<|return|>"), MARK("<|start|>")};
    struct str rest = text_trimmed(content);
    if (str_starts(rest, STR("<|start|>assistant")))
        rest = str_skip(rest, 18);
    if (!str_starts(rest, STR("<|channel|>")))
        return split_words(rest, thought, text);
    size_t at;
    while ((at = text_find(rest, STR("<|channel|>"))) < rest.n) {
        // A recipient may stand between the role and the channel.
        struct str before = {rest.p, at};
        rest = str_skip(rest, at + 11);
        at = text_find(rest, STR("<|message|>"));
        struct buf head = {0};
        buf_str(&head, before);
        buf_char(&head, ' ');
        size_t of_channel = head.n;
        buf_bytes(&head, rest.p, at);
        rest = str_skip(rest, at < rest.n ? at + 11 : at);
        size_t n = rest.n;
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
            size_t end = text_find(rest, ends[i]);
            n = end < n ? end : n;
        }
        struct str named = buf_view(&head);
        bool has_recipient = text_find(named, STR("to=")) < named.n;
        take_channel(has_recipient ? named : str_skip(named, of_channel), (struct str){rest.p, n}, thought, text);
        buf_fini(&head);
        rest = str_skip(rest, n);
    }
    return true;
}
