// SPDX-License-Identifier: Apache-2.0
#include "ingest/scan.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct str *text)
{
    while (text->n && is_blank(*text->p))
        *text = str_skip(*text, 1);
}

// How many bytes the string at the beginning of `text` has with both quotes; 0 if it does not end.
static size_t string_length(struct str text)
{
    for (size_t i = 1; i < text.n; i++) {
        if (text.p[i] == '\\')
            i++;
        else if (text.p[i] == '"')
            return i + 1;
    }
    return 0;
}

// How many bytes the object or array has, or 0. Brackets are only counted: whether each closes its own kind is seen by
// the parser.
static size_t bracket_length(struct str text)
{
    size_t depth = 0;
    for (size_t i = 0; i < text.n; i++) {
        switch (text.p[i]) {
        case '"': {
            size_t n = string_length(str_skip(text, i));
            if (n == 0)
                return 0;
            i += n - 1;
            break;
        }
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            if (--depth == 0)
                return i + 1;
            break;
        default:
            break;
        }
    }
    return 0;
}

static size_t value_length(struct str text)
{
    size_t n = 0;
    if (text.n == 0)
        return 0;
    if (*text.p == '"')
        return string_length(text);
    if (*text.p == '{' || *text.p == '[')
        return bracket_length(text);
    while (n < text.n && !is_blank(text.p[n]) && !memchr(",]}", text.p[n], 3))
        n++;
    return n;
}

bool scan_open(struct scan *s, struct str text)
{
    skip_blanks(&text);
    if (text.n == 0 || (*text.p != '{' && *text.p != '['))
        return false;
    *s = (struct scan){.rest = str_skip(text, 1), .is_object = *text.p == '{'};
    return true;
}

static bool broken(struct scan *s)
{
    s->is_broken = true;
    s->rest = STR_NONE;
    return false;
}

static bool take(struct scan *s, struct str *slice)
{
    size_t n = value_length(s->rest);
    *slice = (struct str){s->rest.p, n};
    s->rest = str_skip(s->rest, n);
    skip_blanks(&s->rest);
    return n > 0;
}

static bool take_key(struct scan *s, struct str *key)
{
    if (s->rest.n == 0 || *s->rest.p != '"' || !take(s, key) || s->rest.n == 0 || *s->rest.p != ':')
        return false;
    *key = (struct str){key->p + 1, key->n - 2};
    s->rest = str_skip(s->rest, 1);
    skip_blanks(&s->rest);
    return true;
}

bool scan_next(struct scan *s, struct str *key, struct str *value)
{
    *key = STR_NONE;
    skip_blanks(&s->rest);
    if (s->is_broken)
        return false;
    if (s->rest.n == 0)
        return broken(s);
    if (*s->rest.p == (s->is_object ? '}' : ']'))
        return false;
    if ((s->is_object && !take_key(s, key)) || !take(s, value))
        return broken(s);
    if (s->rest.n && *s->rest.p == ',')
        s->rest = str_skip(s->rest, 1);
    else if (s->rest.n == 0 || *s->rest.p != (s->is_object ? '}' : ']'))
        // The member was whole; what comes behind it is not.
        s->is_broken = true;
    return true;
}

struct str scan_member(struct str text, const char *key)
{
    struct scan s;
    struct str name, value;
    if (!scan_open(&s, text))
        return STR_NONE;
    while (scan_next(&s, &name, &value))
        if (str_eq(name, str_from(key)))
            return value;
    return STR_NONE;
}
