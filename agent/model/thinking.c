// SPDX-License-Identifier: Apache-2.0
#include "agent/model/thinking.h"

#include <ctype.h>
#include <strings.h>

#define MARK(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

static const struct tag {
    struct str open, close;
} tags[] = {
    {MARK("<think>"), MARK("</think>")},
    {MARK("<thinking>"), MARK("</thinking>")},
    {MARK("<thought>"), MARK("</thought>")},
    {MARK("<reasoning>"), MARK("</reasoning>")},
    {MARK("<reason>"), MARK("</reason>")},
    {MARK("<seed:think>"), MARK("</seed:think>")},
    {MARK("[THINK]"), MARK("[/THINK]")},
    {MARK("<|begin_of_thought|>"), MARK("<|end_of_thought|>")},
    {MARK("◁think▷"), MARK("◁/think▷")},
    {MARK("<|START_THINKING|>"), MARK("<|END_THINKING|>")},
    {MARK("<|inner_prefix|>"), MARK("<|inner_suffix|>")},
    {MARK("<longcat_think>"), MARK("</longcat_think>")},
    {MARK("<unused94>thought"), MARK("<unused95>")},
    {MARK("<|channel>thought"), MARK("<channel|>")},
};

// What some models put around the answer behind their thinking.
static const struct tag answers[] = {
    {MARK("<answer>"), MARK("</answer>")},
    {MARK("<response>"), MARK("</response>")},
    {MARK("<|begin_of_solution|>"), MARK("<|end_of_solution|>")},
    {MARK("<|START_RESPONSE|>"), MARK("<|END_RESPONSE|>")},
};

#define TAGS ((int)(sizeof tags / sizeof tags[0]))

static bool starts(struct str text, struct str tag)
{
    return text.n >= tag.n && strncasecmp(text.p, tag.p, tag.n) == 0;
}

static struct str without_blanks(struct str text)
{
    while (text.n > 0 && isspace((unsigned char)text.p[0]))
        text = str_skip(text, 1);
    return text;
}

// Which tag `text` begins with, counted from 1, or 0.
static int opened_by(struct str text)
{
    for (int i = 0; i < TAGS; i++)
        if (starts(text, tags[i].open))
            return i + 1;
    return 0;
}

static bool may_open(struct str text)
{
    for (int i = 0; i < TAGS; i++)
        if (text.n < tags[i].open.n && strncasecmp(text.p, tags[i].open.p, text.n) == 0)
            return true;
    return false;
}

// Where `tag` stands in `text`; text.n if nowhere.
static size_t find(struct str text, struct str tag)
{
    for (size_t i = 0; i + tag.n <= text.n; i++)
        if (starts(str_skip(text, i), tag))
            return i;
    return text.n;
}

// A closing tag alone counts where its template opened it: not in code, and not inside a line of prose, where an answer
// speaks of it.
static bool closes_alone(struct str content, size_t at, size_t length)
{
    size_t ticks = 0;
    for (size_t i = 0; i < at; i++)
        ticks += content.p[i] == '`';
    char before = at > 0 ? content.p[at - 1] : '\n';
    char after = at + length < content.n ? content.p[at + length] : '\n';
    bool is_prose = (before == ' ' || before == '"' || before == '\'' || before == '(') && after != '\n';
    return ticks % 2 == 0 && !is_prose;
}

// The answer behind a closing tag that nothing opened, with the thinking before it; false if there is none.
static bool split_at_closing(struct str content, struct buf *thought, struct str *answer)
{
    for (int i = 0; i < TAGS; i++) {
        struct str close = tags[i].close;
        size_t at = find(content, close);
        bool is_opened = find(content, tags[i].open) < at;
        if (at == content.n || is_opened || !closes_alone(content, at, close.n))
            continue;
        buf_bytes(thought, content.p, at);
        *answer = str_skip(content, at + close.n);
        return true;
    }
    return false;
}

// The answer without the tags that enclose the whole of it. A token that opens it may stay open, as the end of the
// answer is one, too; a word between angle brackets that nothing closes is the answer's own.
static struct str unwrapped(struct str text)
{
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (!starts(text, answers[i].open))
            continue;
        struct str inside = without_blanks(str_skip(text, answers[i].open.n));
        size_t end = find(inside, answers[i].close);
        struct str behind = str_skip(inside, end < inside.n ? end + answers[i].close.n : end);
        bool is_open = end == inside.n && answers[i].open.p[1] != '|';
        if (is_open || without_blanks(behind).n > 0)
            continue;
        while (end > 0 && isspace((unsigned char)inside.p[end - 1]))
            end--;
        return (struct str){inside.p, end};
    }
    return text;
}

void thinking_split(struct str content, struct buf *thought, struct buf *text)
{
    struct str rest = without_blanks(content), answer;
    int tag = opened_by(rest);
    if (tag == 0 && split_at_closing(rest, thought, &answer)) {
        rest = without_blanks(answer);
        tag = opened_by(rest);
    }
    for (; tag != 0; tag = opened_by(rest)) {
        const struct tag *open = &tags[tag - 1];
        rest = str_skip(rest, open->open.n);
        size_t n = find(rest, open->close);
        if (thought->n > 0 && n > 0)
            buf_char(thought, '\n');
        buf_bytes(thought, rest.p, n);
        rest = without_blanks(str_skip(rest, n < rest.n ? n + open->close.n : n));
    }
    buf_str(text, thought->n > 0 ? unwrapped(rest) : rest);
}

// How many bytes at the end of `text` may be the beginning of `tag`.
static size_t tail_of(struct str text, struct str tag)
{
    for (size_t n = tag.n - 1 < text.n ? tag.n - 1 : text.n; n > 0; n--)
        if (strncasecmp(text.p + text.n - n, tag.p, n) == 0)
            return n;
    return 0;
}

static void pass(const struct thinking_sink *sink, bool is_thought, struct str text)
{
    if (text.n > 0)
        sink->on_text(sink->arg, is_thought, text);
}

static void hold(struct thinking *thinking, struct str text)
{
    struct buf kept = {0};
    buf_str(&kept, text);
    buf_fini(&thinking->held);
    thinking->held = kept;
}

void thinking_feed(struct thinking *thinking, struct str content, const struct thinking_sink *sink)
{
    buf_str(&thinking->held, content);
    struct str rest = buf_view(&thinking->held);
    while (!thinking->is_answering) {
        if (thinking->open != 0) {
            struct str close = tags[thinking->open - 1].close;
            size_t at = find(rest, close);
            if (at == rest.n) {
                size_t tail = tail_of(rest, close);
                pass(sink, true, (struct str){rest.p, rest.n - tail});
                hold(thinking, str_skip(rest, rest.n - tail));
                return;
            }
            pass(sink, true, (struct str){rest.p, at});
            rest = str_skip(rest, at + close.n);
            thinking->open = 0;
            continue;
        }
        struct str seen = without_blanks(rest);
        thinking->open = opened_by(seen);
        if (thinking->open != 0) {
            rest = str_skip(seen, tags[thinking->open - 1].open.n);
        } else if (seen.n == 0 || may_open(seen)) {
            hold(thinking, rest);
            return;
        } else {
            thinking->is_answering = true;
            rest = seen;
        }
    }
    pass(sink, false, rest);
    buf_clear(&thinking->held);
}

void thinking_finish(struct thinking *thinking, const struct thinking_sink *sink)
{
    pass(sink, thinking->open != 0, buf_view(&thinking->held));
    buf_fini(&thinking->held);
    *thinking = (struct thinking){0};
}
