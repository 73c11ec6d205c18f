// SPDX-License-Identifier: Apache-2.0
#include "cgi/login_cookie.h"

static const char OLD_NAME[] = "trace_session";

static const char *name(bool is_tls)
{
    return is_tls ? "__Host-trace_login" : "trace_login";
}

struct str login_cookie_find(struct str cookies, const char *wanted)
{
    while (cookies.p) {
        struct str value = str_cut(&cookies, ';');
        while (value.n && value.p[0] == ' ')
            value = str_skip(value, 1);
        if (str_eq(str_cut(&value, '='), str_from(wanted)))
            return value;
    }
    return STR_NONE;
}

struct str login_cookie_read(struct str cookies, bool is_tls, bool *is_old)
{
    struct str secret = login_cookie_find(cookies, name(is_tls));
    *is_old = false;
    if (secret.p)
        return secret;
    secret = login_cookie_find(cookies, OLD_NAME);
    *is_old = secret.p != NULL;
    return secret;
}

static void print(struct buf *out, const char *cookie, struct str secret, int64_t seconds, bool is_tls)
{
    buf_printf(out, "%s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s", cookie, (int)secret.n, secret.p,
               (long long)seconds, is_tls ? "; Secure" : "");
}

void login_cookie_print(struct buf *out, struct str secret, int64_t seconds, bool is_tls)
{
    print(out, name(is_tls), secret, seconds, is_tls);
}

void login_cookie_print_end(struct buf *out, bool is_tls)
{
    print(out, name(is_tls), STR(""), 0, is_tls);
}

void login_cookie_print_old_end(struct buf *out, bool is_tls)
{
    print(out, OLD_NAME, STR(""), 0, is_tls);
}
