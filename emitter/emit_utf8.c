// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_utf8.h"

#include <string.h>

#include "emitter/agenttrace.h"

#define REPLACEMENT "\xEF\xBF\xBD"

enum { WELL, ILL, CUT };

// The second byte's range narrows for these first bytes: no overlong forms, no surrogates, nothing above U+10FFFF.
static bool second_fits(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xE0:
        return second >= 0xA0 && second <= 0xBF;
    case 0xED:
        return second >= 0x80 && second <= 0x9F;
    case 0xF0:
        return second >= 0x90 && second <= 0xBF;
    case 0xF4:
        return second >= 0x80 && second <= 0x8F;
    default:
        return (second & 0xC0) == 0x80;
    }
}

static size_t length_of(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    if (first >= 0xF0 && first <= 0xF4)
        return 4;
    return 0;
}

// Reads what stands at p, n > 0 bytes. *used is the length of the code point, or of the maximal part that is
// ill-formed.
static int look(const unsigned char *p, size_t n, size_t *used)
{
    size_t want = length_of(p[0]);
    *used = 1;
    if (want == 0 || p[0] == '\0')
        return ILL;
    for (size_t i = 1; i < want; i++) {
        *used = i;
        if (i == n)
            return CUT;
        if (i == 1 ? !second_fits(p[0], p[1]) : (p[i] & 0xC0) != 0x80)
            return ILL;
    }
    *used = want;
    return WELL;
}

size_t emit_utf8_clean(struct emit_buf *out, const char *bytes, size_t n, bool last)
{
    const unsigned char *p = (const unsigned char *)bytes;
    size_t from = 0, at = 0, used = 0;
    while (at < n) {
        if (p[at] - 1u < 0x7f) {
            at++;
            continue;
        }
        int what = look(p + at, n - at, &used);
        if (what == WELL) {
            at += used;
            continue;
        }
        emit_buf_add(out, bytes + from, at - from);
        if (what == CUT && !last)
            return at;
        emit_buf_text(out, REPLACEMENT);
        at += used;
        from = at;
    }
    emit_buf_add(out, bytes + from, at - from);
    return n;
}

size_t trace_text_fit(const char *text, size_t n, size_t max)
{
    if (n <= max)
        return n;
    size_t at = max;
    while (at > 0 && max - at < 3 && ((unsigned char)text[at] & 0xC0) == 0x80)
        at--;
    return ((unsigned char)text[at] & 0xC0) == 0x80 ? max : at;
}
