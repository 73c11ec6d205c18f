// SPDX-License-Identifier: Apache-2.0
#include "base/jw.h"

static void comma(struct buf *b)
{
    if (b->n == 0)
        return;
    char last = b->p[b->n - 1];
    if (last != '{' && last != '[' && last != ':' && last != '\n' && last != ' ')
        buf_char(b, ',');
}

void jw_open(struct buf *b, char bracket)
{
    comma(b);
    buf_char(b, bracket);
}

void jw_close(struct buf *b, char bracket)
{
    buf_char(b, bracket);
}

void jw_key(struct buf *b, const char *key)
{
    comma(b);
    buf_char(b, '"');
    buf_str(b, str_from(key));
    buf_lit(b, "\":");
}

static char short_escape(unsigned char c)
{
    switch (c) {
    case '\b':
        return 'b';
    case '\t':
        return 't';
    case '\n':
        return 'n';
    case '\f':
        return 'f';
    case '\r':
        return 'r';
    case '"':
    case '\\':
        return (char)c;
    default:
        return 'u';
    }
}

void jw_escape(struct buf *b, struct str text)
{
    static const char hex[] = "0123456789abcdef";
    size_t plain = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_bytes(b, text.p + plain, i - plain);
        plain = i + 1;
        char e = short_escape(c);
        if (e == 'u')
            buf_bytes(b, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
        else
            buf_bytes(b, (char[]){'\\', e}, 2);
    }
    // An empty text may have no bytes to point into.
    if (plain < text.n)
        buf_bytes(b, text.p + plain, text.n - plain);
}

void jw_string(struct buf *b, struct str text)
{
    comma(b);
    buf_char(b, '"');
    jw_escape(b, text);
    buf_char(b, '"');
}

void jw_i64(struct buf *b, int64_t value)
{
    comma(b);
    buf_i64(b, value);
}

void jw_bool(struct buf *b, bool value)
{
    comma(b);
    buf_str(b, value ? STR("true") : STR("false"));
}

void jw_raw(struct buf *b, struct str json)
{
    comma(b);
    buf_str(b, json);
}

void jw_member(struct buf *b, const char *key, struct str text)
{
    if (!text.p)
        return;
    jw_key(b, key);
    jw_string(b, text);
}

void jw_member_raw(struct buf *b, const char *key, struct str json)
{
    if (!json.p)
        return;
    jw_key(b, key);
    jw_raw(b, json);
}

void jw_member_i64(struct buf *b, const char *key, int64_t value)
{
    jw_key(b, key);
    jw_i64(b, value);
}

void jw_member_bool(struct buf *b, const char *key, bool value)
{
    jw_key(b, key);
    jw_bool(b, value);
}
