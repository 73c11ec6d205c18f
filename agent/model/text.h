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

// Where `word` begins in `text` with nothing before or behind that makes it longer; text.n if nowhere.
static inline size_t text_find_word(struct str text, struct str word)
{
    for (size_t at = 0, n; (n = text_find(str_skip(text, at), word)) < text.n - at; at++) {
        at += n;
        char before = at > 0 ? text.p[at - 1] : ' ', after = at + word.n < text.n ? text.p[at + word.n] : ' ';
        if (!isalnum((unsigned char)before) && before != '_' && !isalnum((unsigned char)after) && after != '_')
            return at;
    }
    return text.n;
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

// Without a fence of code around the whole of it: a text between two fences begins and ends with one, too.
static inline struct str text_bare(struct str text)
{
    text = text_trimmed(text);
    if (!str_starts(text, STR("```")) || text.n < 7 || memcmp(text.p + text.n - 3, "```", 3) != 0)
        return text;
    size_t n = text_find(text, STR("\n"));
    if (n == text.n)
        return text;
    struct str inside = {text.p + n, text.n - n - 3};
    return text_find(inside, STR("\n```")) == inside.n ? text_trimmed(inside) : text;
}

#endif
