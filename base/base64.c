// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, struct str bytes)
{
    for (size_t i = 0; i < bytes.n; i += 3) {
        uint32_t bits = 0;
        size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (j < n ? (unsigned char)bytes.p[i + j] : 0U);
        for (size_t j = 0; j < 4; j++)
            buf_char(out, j <= n ? digits[bits >> (18 - 6 * j) & 63] : '=');
    }
}

int base64_decode(struct buf *out, struct str text)
{
    if (text.n % 4 != 0)
        return -1;
    for (size_t i = 0; i < text.n; i += 4) {
        uint32_t bits = 0;
        size_t padding = 0;
        for (size_t j = 0; j < 4; j++) {
            char c = text.p[i + j];
            const char *digit = c ? memchr(digits, c, sizeof digits - 1) : NULL;
            bool may_pad = i + 4 == text.n && j >= 2;
            if (!digit && !(c == '=' && may_pad))
                return -1;
            if (digit && padding)
                return -1;
            padding += !digit;
            bits = bits << 6 | (digit ? (uint32_t)(digit - digits) : 0U);
        }
        for (size_t j = 0; j < 3 - padding; j++)
            buf_char(out, (char)(bits >> (16 - 8 * j) & 0xFF));
    }
    return 0;
}
