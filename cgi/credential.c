// SPDX-License-Identifier: Apache-2.0
#include "cgi/credential.h"

#include <strings.h>

enum { SECRET_MAX = 128, HEADER_MAX = 1024 };

bool credential_is_secret(struct str text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    if (text.n == 0 || text.n > SECRET_MAX)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\0' || !strchr(allowed, text.p[i]))
            return false;
    return true;
}

static bool skip_scheme(struct str *header, struct str scheme)
{
    if (header->n <= scheme.n || header->p[scheme.n] != ' ' || strncasecmp(header->p, scheme.p, scheme.n) != 0)
        return false;
    *header = str_skip(*header, scheme.n + 1);
    while (header->n && *header->p == ' ')
        *header = str_skip(*header, 1);
    return true;
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

// RFC 4648, 4. What is no digit ends the text.
static void decode_base64(struct buf *out, struct str text)
{
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < text.n; i++) {
        int digit = base64_digit(text.p[i]);
        if (digit < 0)
            return;
        bits = bits << 6 | (unsigned)digit;
        have += 6;
        if (have >= 8) {
            have -= 8;
            buf_char(out, (char)(bits >> have & 0xFF));
        }
    }
}

// RFC 7617: "user:password", where a user has no colon.
static void take_password(struct buf *out, struct str encoded)
{
    struct buf pair = {0};
    decode_base64(&pair, encoded);
    struct str password = buf_view(&pair);
    (void)str_cut(&password, ':');
    buf_str(out, password);
    buf_fini(&pair);
}

void credential_foreign(struct buf *out, struct str authorization, struct str api_key)
{
    if (authorization.n > HEADER_MAX || api_key.n > HEADER_MAX)
        return;
    if (skip_scheme(&authorization, STR("Basic")))
        take_password(out, authorization);
    else if (authorization.n) {
        (void)skip_scheme(&authorization, STR("Bearer"));
        buf_str(out, authorization);
    } else {
        buf_str(out, api_key);
    }
}
