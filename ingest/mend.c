// SPDX-License-Identifier: Apache-2.0
#include "ingest/mend.h"

#include "base/utf8.h"
#include "ingest/value.h"

#define REPLACEMENT "\xEF\xBF\xBD"

struct reader {
    struct str rest;
    struct buf *out;
    struct mend_count *count;
};

// Copies one character that is not ASCII, or its replacement.
static size_t copy_character(struct buf *out, struct str text, int64_t *replaced)
{
    for (size_t n = 2; n <= 4 && n <= text.n; n++) {
        if (utf8_valid((struct str){text.p, n})) {
            buf_bytes(out, text.p, n);
            return n;
        }
    }
    buf_lit(out, REPLACEMENT);
    ++*replaced;
    return 1;
}

int64_t mend_text(struct buf *out, struct str text)
{
    int64_t replaced = 0;
    buf_reserve(out, text.n);
    if (text.n == 0 || (!memchr(text.p, '\0', text.n) && utf8_valid(text))) {
        buf_str(out, text);
        return 0;
    }
    while (text.n) {
        size_t n = 1;
        if (*text.p == '\0') {
            buf_lit(out, REPLACEMENT);
            replaced++;
        } else if ((unsigned char)*text.p < 0x80) {
            buf_char(out, *text.p);
        } else {
            n = copy_character(out, text, &replaced);
        }
        text = str_skip(text, n);
    }
    return replaced;
}

// The number that \uXXXX at the beginning of `text` stands for, or -1.
static int escaped_unit(struct str text)
{
    int unit = 0;
    if (text.n < 6 || text.p[0] != '\\' || text.p[1] != 'u')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        char c = text.p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static void advance(struct reader *r, size_t n)
{
    r->rest = str_skip(r->rest, n);
}

static void copy(struct reader *r, size_t n)
{
    buf_bytes(r->out, r->rest.p, n);
    advance(r, n);
}

static void replace(struct reader *r, size_t n, struct str by)
{
    buf_str(r->out, by);
    r->count->replaced++;
    advance(r, n);
}

// At a backslash inside of a string.
static void mend_escape(struct reader *r)
{
    int unit = escaped_unit(r->rest);
    if (unit >= 0xD800 && unit < 0xDC00) {
        int low = escaped_unit(str_skip(r->rest, 6));
        if (low >= 0xDC00 && low < 0xE000)
            copy(r, 12);
        else
            replace(r, 6, STR(REPLACEMENT));
    } else if (unit == 0 || (unit >= 0xDC00 && unit < 0xE000)) {
        replace(r, 6, STR(REPLACEMENT));
    } else if (unit > 0) {
        copy(r, 6);
    } else if (r->rest.n >= 2 && r->rest.p[1] != '\0' && strchr("\"\\/bfnrt", r->rest.p[1])) {
        copy(r, 2);
    } else {
        // No escape: the backslash means itself.
        replace(r, 1, STR("\\\\"));
    }
}

// At the opening quote.
static int mend_string(struct reader *r)
{
    copy(r, 1);
    while (r->rest.n) {
        size_t n = 0;
        while (n < r->rest.n && r->rest.p[n] != '"' && r->rest.p[n] != '\\' && (unsigned char)r->rest.p[n] < 0x80 &&
               r->rest.p[n] != '\0')
            n++;
        r->count->cost_bytes += n;
        copy(r, n);
        if (r->rest.n == 0)
            break;
        switch (*r->rest.p) {
        case '"':
            copy(r, 1);
            r->count->cost_bytes += VALUE_COST_SCALAR;
            return 0;
        case '\\':
            mend_escape(r);
            break;
        case '\0':
            replace(r, 1, STR(REPLACEMENT));
            break;
        default:
            advance(r, copy_character(r->out, r->rest, &r->count->replaced));
            break;
        }
        r->count->cost_bytes += 4;
    }
    return -1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

static size_t digits_at(struct str text, size_t at)
{
    size_t n = 0;
    while (at + n < text.n && is_digit(text.p[at + n]))
        n++;
    return n;
}

// A number as RFC 8259 has it. *is_integer: without fraction and exponent.
static bool is_number(struct str word, bool *is_integer)
{
    size_t at = word.n && *word.p == '-';
    size_t whole = digits_at(word, at);
    if (whole == 0 || (whole > 1 && word.p[at] == '0'))
        return false;
    at += whole;
    *is_integer = at == word.n;
    if (at < word.n && word.p[at] == '.') {
        size_t fraction = digits_at(word, at + 1);
        if (fraction == 0)
            return false;
        at += 1 + fraction;
    }
    if (at < word.n && (word.p[at] == 'e' || word.p[at] == 'E')) {
        at++;
        at += at < word.n && (word.p[at] == '+' || word.p[at] == '-');
        size_t exponent = digits_at(word, at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return at == word.n;
}

// What stands outside of strings and is no bracket. What looks like a number and is none (01, 1.e5) is kept as a text.
static int mend_word(struct reader *r)
{
    static const struct str names[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    static const struct str no_numbers[] = {{"NaN", 3}, {"Infinity", 8}, {"-Infinity", 9}};
    size_t n = 0;
    bool is_integer = false;
    while (n < r->rest.n && is_word(r->rest.p[n]))
        n++;
    struct str word = {r->rest.p, n};
    r->count->cost_bytes += VALUE_COST_SCALAR + n;
    for (size_t i = 0; i < 3; i++) {
        if (str_eq(word, names[i])) {
            copy(r, n);
            return 0;
        }
        if (str_eq(word, no_numbers[i])) {
            replace(r, n, STR("null"));
            return 0;
        }
    }
    if (n == 0 || !(is_digit(*word.p) || *word.p == '-'))
        return -1;
    if (!is_number(word, &is_integer)) {
        buf_char(r->out, '"');
        replace(r, n, word);
        buf_char(r->out, '"');
        return 0;
    }
    copy(r, n);
    if (is_integer && (n > 18 || str_eq(word, STR("-0"))))
        buf_char(r->out, '.');
    return 0;
}

int mend_json(struct buf *out, struct str text, struct mend_count *count)
{
    struct reader r = {text, out, count};
    int depth = 0;
    buf_reserve(out, text.n + 1);
    while (r.rest.n) {
        char c = *r.rest.p;
        int status = 0;
        if (c == '"') {
            status = mend_string(&r);
        } else if (c == '{' || c == '[') {
            count->cost_bytes += c == '{' ? VALUE_COST_OBJECT : VALUE_COST_ARRAY;
            status = ++depth > MEND_DEPTH_MAX ? -1 : 0;
            copy(&r, 1);
        } else if (c == '}' || c == ']') {
            depth--;
            copy(&r, 1);
        } else if (c == '\0') {
            status = -1;
        } else if (strchr(",: \t\r\n", c)) {
            copy(&r, 1);
        } else {
            status = mend_word(&r);
        }
        if (status)
            return -1;
    }
    return 0;
}
