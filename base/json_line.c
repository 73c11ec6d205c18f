// SPDX-License-Identifier: Apache-2.0
#include "base/json_line.h"

static const struct separator {
    const char *bytes, *escape;
} separators[] = {{"\xC2\x85", "\\u0085"}, {"\xE2\x80\xA8", "\\u2028"}, {"\xE2\x80\xA9", "\\u2029"}};

enum { ESCAPE_BYTES = 6 };

static const struct separator *separator_at(struct str at)
{
    for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++)
        if (str_starts(at, str_from(separators[i].bytes)))
            return &separators[i];
    return NULL;
}

// Moves *at to the next separator of `json` and returns it, or to the end and returns NULL.
static const struct separator *next_separator(struct str json, size_t *at)
{
    for (; *at < json.n; ++*at) {
        unsigned char c = (unsigned char)json.p[*at];
        const struct separator *found = c == 0xC2 || c == 0xE2 ? separator_at(str_skip(json, *at)) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

size_t json_line_length(struct str json)
{
    size_t length = json.n, at = 0;
    for (const struct separator *s; (s = next_separator(json, &at)); at += strlen(s->bytes))
        length += ESCAPE_BYTES - strlen(s->bytes);
    return length;
}

static char *put(char *at, struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        *at++ = text.p[i] == '\n' || text.p[i] == '\r' ? ' ' : text.p[i];
    return at;
}

char *json_line_print(char *at, struct str json)
{
    size_t from = 0, to = 0;
    for (const struct separator *s; (s = next_separator(json, &to)); from = to) {
        at = put(at, (struct str){json.p + from, to - from});
        at = put(at, str_from(s->escape));
        to += strlen(s->bytes);
    }
    return put(at, str_skip(json, from));
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int code_unit(struct str at)
{
    int unit = 0;
    if (at.n < 6 || at.p[0] != '\\' || at.p[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex(at.p[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static size_t escaped_char(struct str at, int64_t *text)
{
    *text = 1;
    if (at.n >= 2 && at.p[1] != 'u')
        return 2;
    int unit = code_unit(at);
    if (unit < 0)
        return 0;
    *text = unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    if (unit < 0xD800 || unit > 0xDBFF)
        return 6;
    int low = code_unit(str_skip(at, 6));
    *text = 4;
    return low >= 0xDC00 && low <= 0xDFFF ? 12 : 0;
}

size_t json_line_char(struct str at, int64_t *text)
{
    unsigned char lead = at.n ? (unsigned char)at.p[0] : 0;
    if (lead == '\\')
        return escaped_char(at, text);
    size_t n = lead < 0xC0 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    *text = (int64_t)n;
    return n <= at.n ? n : 0;
}

size_t json_line_prefix(struct str inside, size_t most, int64_t *text)
{
    size_t at = 0, line = 0;
    *text = 0;
    while (at < inside.n) {
        int64_t more;
        size_t n = json_line_char(str_skip(inside, at), &more);
        if (n == 0) {
            // What is no character is kept together, as there is no place in it to cut.
            n = inside.n - at;
            more = (int64_t)n;
        }
        line += json_line_length((struct str){inside.p + at, n});
        if (line > most)
            break;
        at += n;
        *text += more;
    }
    return at;
}

static size_t string_length(struct str at)
{
    for (size_t i = 1; i < at.n; i++) {
        if (at.p[i] == '\\')
            i++;
        else if (at.p[i] == '"')
            return i + 1;
    }
    return at.n;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

size_t json_line_value(struct str at)
{
    size_t depth = 0, i = 0;
    for (; i < at.n; i++) {
        char c = at.p[i];
        if (c == '"')
            i += string_length(str_skip(at, i)) - 1;
        else if (c == '{' || c == '[')
            depth++;
        else if (depth == 0 && (c == ',' || c == '}' || c == ']' || is_space(c)))
            return i;
        else if (c == '}' || c == ']')
            depth--;
        else
            continue;
        if (depth == 0)
            return i + 1;
    }
    return at.n;
}

static struct str skip_spaces(struct str at)
{
    while (at.n && is_space(at.p[0]))
        at = str_skip(at, 1);
    return at;
}

struct str json_line_member(struct str object, struct str name)
{
    struct str at = object.n && object.p[0] == '{' ? str_skip(object, 1) : STR_NONE;
    for (at = skip_spaces(at); at.n && at.p[0] == '"'; at = skip_spaces(at)) {
        size_t n = string_length(at);
        bool is_it = n == name.n + 2 && memcmp(at.p + 1, name.p, name.n) == 0;
        at = skip_spaces(str_skip(at, n));
        at = skip_spaces(at.n ? str_skip(at, 1) : at); // the colon
        n = json_line_value(at);
        if (is_it)
            return (struct str){at.p, n};
        at = skip_spaces(str_skip(at, n));
        at = at.n ? str_skip(at, 1) : at; // the comma, or the end
    }
    return STR_NONE;
}
