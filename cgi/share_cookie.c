// SPDX-License-Identifier: Apache-2.0
#include "cgi/share_cookie.h"

#include "cgi/login_cookie.h"

// The path rules out the prefix __Host-; __Secure- at least keeps plain HTTP from planting one.
static const char *name(bool is_tls)
{
    return is_tls ? "__Secure-trace_share" : "trace_share";
}

bool share_cookie_is_path(struct str path)
{
    return str_starts(path, STR("/api/shares/"));
}

struct str share_cookie_read(struct str cookies, bool is_tls)
{
    return login_cookie_find(cookies, name(is_tls));
}

void share_cookie_print(struct buf *out, struct str share, struct str ticket, int64_t seconds, bool is_tls)
{
    buf_printf(out, "%s=%.*s; Path=/api/shares/%.*s; Max-Age=%lld; HttpOnly; SameSite=Strict%s", name(is_tls),
               (int)ticket.n, ticket.p, (int)share.n, share.p, (long long)seconds, is_tls ? "; Secure" : "");
}
