// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

// The range of the second byte after each lead byte, and how many bytes follow the lead.
static size_t following(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 1;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (lead == 0xE0)
            *low = 0xA0;
        if (lead == 0xED)
            *high = 0x9F;
        return 2;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (lead == 0xF0)
            *low = 0x90;
        if (lead == 0xF4)
            *high = 0x8F;
        return 3;
    }
    return 0;
}

// The length of the well-formed sequence that `text`, which is not empty, begins with, or 0.
static size_t sequence(struct str text)
{
    unsigned char lead = (unsigned char)text.p[0];
    if (lead < 0x80)
        return 1;
    unsigned char low, high;
    size_t more = following(lead, &low, &high);
    if (more == 0 || text.n <= more)
        return 0;
    for (size_t i = 1; i <= more; i++) {
        unsigned char byte = (unsigned char)text.p[i];
        if (byte < low || byte > high)
            return 0;
        low = 0x80;
        high = 0xBF;
    }
    return more + 1;
}

bool utf8_valid(struct str text)
{
    for (size_t n; text.n > 0; text = str_skip(text, n))
        if ((n = sequence(text)) == 0)
            return false;
    return true;
}

struct str utf8_prefix(struct str text, size_t most)
{
    if (text.n <= most)
        return text;
    size_t n = most;
    while (n > 0 && !utf8_is_first(text.p[n]))
        n--;
    return (struct str){text.p, n};
}

bool utf8_is_first(char byte)
{
    return ((unsigned char)byte & 0xC0) != 0x80;
}

size_t utf8_length(struct str text)
{
    size_t length = 0;
    for (size_t i = 0; i < text.n; i++)
        length += utf8_is_first(text.p[i]);
    return length;
}

struct str utf8_first(struct str text, size_t count)
{
    size_t n = 0;
    for (; n < text.n && count > 0; count--)
        for (n++; n < text.n && !utf8_is_first(text.p[n]);)
            n++;
    return (struct str){text.p, n};
}

void utf8_mend(struct buf *out, struct str text)
{
    while (text.n > 0) {
        size_t n = sequence(text);
        if (n == 0)
            buf_lit(out, "\xEF\xBF\xBD");
        else if (text.p[0] != '\0')
            buf_bytes(out, text.p, n);
        text = str_skip(text, n > 0 ? n : 1);
    }
}
