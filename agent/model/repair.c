// SPDX-License-Identifier: Apache-2.0
#include "agent/model/repair.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/utf8.h"

#define MARK(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

#define SAFE_DIGITS 18 // of a number that surely fits into 64 bits
#define UNKNOWN "\\ufffd"

static int hex4(struct str text)
{
    int value = 0;
    if (text.n < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int c = tolower((unsigned char)text.p[i]);
        if (!isxdigit(c))
            return -1;
        value = value * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
}

static bool is_high(int unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(int unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

// The unit of "\uXXXX" at the start of `text`, or -1.
static int escaped_unit(struct str text)
{
    return str_starts(text, STR("\\u")) ? hex4(str_skip(text, 2)) : -1;
}

// Writes one escape and returns how long it was. 0: it is half a pair at the very end.
static size_t take_escape(struct str text, struct buf *out)
{
    int unit = escaped_unit(text);
    if (unit < 0) {
        if (text.n > 1 && memchr("\"\\/bfnrt", text.p[1], 8)) {
            buf_bytes(out, text.p, 2);
            return 2;
        }
        buf_lit(out, "\\\\");
        return 1;
    }
    if (is_high(unit)) {
        struct str rest = str_skip(text, 6);
        if (rest.n == 0)
            return 0;
        if (is_low(escaped_unit(rest))) {
            buf_bytes(out, text.p, 12);
            return 12;
        }
    }
    if (unit == 0 || is_high(unit) || is_low(unit))
        buf_lit(out, UNKNOWN);
    else
        buf_bytes(out, text.p, 6);
    return 6;
}

// The length of the well-formed character at the start of `text`; 0: it may go on beyond the end; -1: it is none.
static int character(struct str text)
{
    unsigned char lead = (unsigned char)text.p[0];
    size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (text.n >= n)
        return utf8_valid((struct str){text.p, n}) ? (int)n : -1;
    // The bytes that are there must begin some character: the lowest and the highest that may follow are tried.
    char low[4] = {'\x80', '\x80', '\x80', '\x80'}, high[4] = {'\xBF', '\xBF', '\xBF', '\xBF'};
    memcpy(low, text.p, text.n);
    memcpy(high, text.p, text.n);
    return utf8_valid((struct str){low, n}) || utf8_valid((struct str){high, n}) ? 0 : -1;
}

// The inside of a string, with its quotes; returns what must be kept for the next one.
static struct str take_string(struct str text, struct buf *out)
{
    buf_char(out, '"');
    while (text.n > 0) {
        unsigned char c = (unsigned char)text.p[0];
        size_t n = 1;
        if (c == '\\') {
            n = take_escape(text, out);
            if (n == 0)
                break;
        } else if (c < 0x20) {
            c == 0 ? buf_lit(out, UNKNOWN) : buf_printf(out, "\\u%04x", c);
        } else {
            int length = character(text);
            if (length == 0)
                break;
            if (length < 0)
                buf_lit(out, UNKNOWN);
            else
                buf_bytes(out, text.p, n = (size_t)length);
        }
        text = str_skip(text, n);
    }
    buf_char(out, '"');
    return text;
}

static struct repair_rest *rest_of(struct repair *repair, struct str member)
{
    struct repair_rest *empty = NULL;
    if (member.n >= sizeof repair->rest[0].member)
        return NULL;
    for (int i = 0; i < REPAIR_FIELDS; i++) {
        struct repair_rest *rest = &repair->rest[i];
        if (rest->n > 0 && str_eq(str_from(rest->member), member))
            return rest;
        if (rest->n == 0)
            empty = rest;
    }
    return empty;
}

static void take_value(struct repair *repair, struct str member, struct str text, struct buf *out)
{
    struct repair_rest *rest = rest_of(repair, member);
    struct buf joined = {0};
    if (rest && rest->n > 0 && text.n > 0) {
        buf_bytes(&joined, rest->bytes, rest->n);
        buf_str(&joined, text);
        text = buf_view(&joined);
        rest->n = 0;
    }
    struct str left = take_string(text, out);
    if (rest && rest->n == 0 && left.n > 0 && left.n <= sizeof rest->bytes) {
        memcpy(rest->member, member.p, member.n);
        rest->member[member.n] = '\0';
        memcpy(rest->bytes, left.p, left.n);
        rest->n = left.n;
    }
    buf_fini(&joined);
}

// The length of the inside of the string that begins behind an opening quote. An unfinished one takes the rest.
static size_t string_length(struct str text)
{
    size_t n = 0;
    while (n < text.n && text.p[n] != '"')
        n += text.p[n] == '\\' && n + 1 < text.n ? 2 : 1;
    return n;
}

static bool is_finite(struct str number)
{
    struct buf copy = {0};
    buf_str(&copy, number);
    bool is = isfinite(strtod(buf_cstr(&copy), NULL));
    buf_fini(&copy);
    return is;
}

static bool fits_64_bits(struct str number)
{
    json_error_t error;
    json_t *value = json_loadb(number.p, number.n, JSON_DECODE_ANY, &error);
    bool fits = value || json_error_code(&error) != json_error_numeric_overflow;
    json_decref(value);
    return fits;
}

static size_t take_number(struct str text, struct buf *out)
{
    size_t n = 0, digits = 0;
    bool is_real = false, has_exponent = false;
    for (; n < text.n && (isdigit((unsigned char)text.p[n]) || (text.p[n] && strchr("+-.eE", text.p[n]))); n++) {
        has_exponent |= text.p[n] == 'e' || text.p[n] == 'E';
        is_real |= has_exponent || text.p[n] == '.';
        digits += isdigit((unsigned char)text.p[n]) && !is_real;
    }
    struct str number = {text.p, n};
    bool may_be_infinite = has_exponent || digits > SAFE_DIGITS;
    if (may_be_infinite && !is_finite(number)) {
        buf_char(out, '0');
    } else {
        buf_str(out, number);
        if (digits > SAFE_DIGITS && !is_real && !fits_64_bits(number))
            buf_lit(out, ".0");
    }
    return n;
}

static size_t take_word(struct str text, struct buf *out)
{
    static const struct str never[] = {MARK("NaN"), MARK("-NaN"), MARK("Infinity"), MARK("-Infinity")};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (str_starts(text, never[i])) {
            buf_lit(out, "null");
            return never[i].n;
        }
    if (text.p[0] == '-' || isdigit((unsigned char)text.p[0]))
        return take_number(text, out);
    buf_char(out, text.p[0]);
    return 1;
}

void repair_json(struct repair *repair, struct str json, struct buf *out)
{
    struct str member = STR("");
    while (json.n > 0) {
        if (json.p[0] != '"') {
            json = str_skip(json, take_word(json, out));
            continue;
        }
        json = str_skip(json, 1);
        struct str inside = {json.p, string_length(json)};
        bool is_closed = inside.n < json.n;
        json = str_skip(json, inside.n + is_closed);
        size_t blanks = 0;
        while (blanks < json.n && isspace((unsigned char)json.p[blanks]))
            blanks++;
        if (blanks < json.n && json.p[blanks] == ':') {
            (void)take_string(inside, out);
            member = inside;
        } else {
            take_value(repair, member, inside, out);
        }
    }
}

json_t *repair_read(struct str json)
{
    struct repair repair = {0};
    struct buf repaired = {0};
    json_error_t error;
    json_t *document = json_loadb(json.p ? json.p : "", json.n, 0, &error);
    if (document || json_error_code(&error) != json_error_numeric_overflow)
        return document;
    repair_json(&repair, json, &repaired);
    document = json_loadb(buf_cstr(&repaired), repaired.n, 0, NULL);
    buf_fini(&repaired);
    return document;
}
