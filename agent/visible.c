// SPDX-License-Identifier: Apache-2.0
#include "agent/visible.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utf8.h"

struct range {
    uint32_t first, last;
};

static const struct range hidden[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c},
    {0x115f, 0x1160}, {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f}, {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_hidden(uint32_t point)
{
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (point >= hidden[i].first && point <= hidden[i].last)
            return true;
    return false;
}

static uint32_t read_point(struct str one)
{
    static const unsigned char payload[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = (unsigned char)one.p[0] & payload[one.n];
    for (size_t i = 1; i < one.n; i++)
        point = point << 6 | ((unsigned char)one.p[i] & 0x3f);
    return point;
}

void visible_add(struct buf *out, struct str text)
{
    while (text.n > 0) {
        struct str one = utf8_first(text, 1);
        uint32_t point = read_point(one);
        if (is_hidden(point))
            buf_printf(out, "\\u{%04x}", (unsigned)point);
        else
            buf_str(out, one);
        text = str_skip(text, one.n);
    }
}

bool visible_add_first(struct buf *out, struct str text, size_t most)
{
    struct buf shown = {0};
    visible_add(&shown, text);
    struct str first = utf8_first(buf_view(&shown), most);
    bool is_cut = first.n < shown.n;
    buf_str(out, first);
    buf_fini(&shown);
    return is_cut;
}
