// SPDX-License-Identifier: Apache-2.0
// text: looking at what a model has written: blanks, marks, and fences of code around it.
#ifndef AGENT_MODEL_TEXT_H
#define AGENT_MODEL_TEXT_H

#include <ctype.h>

#include "base/buf.h"

static inline struct str text_trimmed(struct str text)
{
    while (text.n > 0 && isspace((unsigned char)text.p[0]))
        text = str_skip(text, 1);
    while (text.n > 0 && isspace((unsigned char)text.p[text.n - 1]))
        text.n--;
    return text;
}

// Where `what` begins in `text`; text.n if nowhere, or if it is empty.
static inline size_t text_find(struct str text, struct str what)
{
    const char *at = what.n > 0 && text.n >= what.n ? memmem(text.p, text.n, what.p, what.n) : NULL;
    return at ? (size_t)(at - text.p) : text.n;
}

// Cuts `text` at the first `mark`: returns what stands before it, and moves `text` behind it. Without a mark that is
// all, and nothing is left.
static inline struct str text_until(struct str *text, struct str mark)
{
    size_t n = text_find(*text, mark);
    struct str before = {text->p, n};
    *text = str_skip(*text, n < text->n ? n + mark.n : n);
    return before;
}

// Without a fence of code around it.
static inline struct str text_bare(struct str text)
{
    text = text_trimmed(text);
    if (!str_starts(text, STR("```")) || text.n < 7 || memcmp(text.p + text.n - 3, "```", 3) != 0)
        return text;
    size_t n = text_find(text, STR("\n"));
    return n < text.n ? text_trimmed((struct str){text.p + n, text.n - n - 3}) : text;
}

#endif
