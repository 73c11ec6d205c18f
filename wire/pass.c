// SPDX-License-Identifier: Apache-2.0
#include "wire/pass.h"

#include "base/mac.h"

enum { MAC_DIGITS = 2 * MAC_BYTES };

static const char mac_key[] = "&mac=", made_key[] = "&made=", digits[] = "0123456789abcdef";

void pass_seal(struct buf *b, size_t from, struct str key, int64_t now_ns)
{
    unsigned char mac[MAC_BYTES];
    buf_str(b, str_from(made_key));
    buf_i64(b, now_ns);
    mac_compute(mac, key, str_skip(buf_view(b), from));
    buf_str(b, str_from(mac_key));
    for (size_t i = 0; i < MAC_BYTES; i++) {
        buf_char(b, digits[mac[i] >> 4]);
        buf_char(b, digits[mac[i] & 15]);
    }
}

static int read_mac(unsigned char mac[static MAC_BYTES], struct str text)
{
    if (text.n != MAC_DIGITS)
        return -1;
    memset(mac, 0, MAC_BYTES);
    for (size_t i = 0; i < MAC_DIGITS; i++) {
        const char *digit = memchr(digits, text.p[i], 16);
        if (!digit)
            return -1;
        mac[i / 2] = (unsigned char)(mac[i / 2] << 4 | (digit - digits));
    }
    return 0;
}

// Cuts the last "KEYVALUE" off the text. False if there is none.
static bool cut_last(struct str *text, const char *key, struct str *value)
{
    struct str word = str_from(key);
    for (size_t at = text->n; at-- > 0;)
        if (str_starts(str_skip(*text, at), word)) {
            *value = str_skip(*text, at + word.n);
            text->n = at;
            return true;
        }
    return false;
}

enum pass_outcome pass_open(struct str *query, struct str key, int64_t now_ns)
{
    struct str rest = *query, text, made;
    unsigned char mac[MAC_BYTES], computed[MAC_BYTES];
    int64_t made_ns;
    if (!cut_last(&rest, mac_key, &text) || read_mac(mac, text))
        return PASS_FORGED;
    mac_compute(computed, key, rest);
    if (!mac_is_equal(mac, computed) || !cut_last(&rest, made_key, &made) || str_to_i64(made, &made_ns))
        return PASS_FORGED;
    if (made_ns > now_ns || now_ns - made_ns > PASS_LASTS_S * INT64_C(1000000000))
        return PASS_OLD;
    *query = rest;
    return PASS_OK;
}
