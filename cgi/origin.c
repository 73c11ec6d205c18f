// SPDX-License-Identifier: Apache-2.0
#include "cgi/origin.h"

#include <strings.h>

static bool same_text(struct str a, struct str b)
{
    return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

static bool is_public_url(struct str origin, struct str public_url)
{
    while (public_url.n && public_url.p[public_url.n - 1] == '/')
        public_url.n--;
    return same_text(origin, public_url);
}

static bool is_scheme_and_host(struct str origin, struct str scheme, struct str host)
{
    const char *at = origin.n ? memmem(origin.p, origin.n, "://", 3) : NULL;
    if (!at || !scheme.n || !host.n)
        return false;
    struct str named_scheme = {origin.p, (size_t)(at - origin.p)};
    return same_text(named_scheme, scheme) && same_text(str_skip(origin, named_scheme.n + 3), host);
}

bool origin_is_ours(const struct origin_claim *claim, struct str public_url)
{
    if (claim->fetch_site.p && !str_eq(claim->fetch_site, STR("same-origin")))
        return false;
    if (!claim->fetch_site.p && !claim->origin.p)
        return !claim->has_cookie;
    if (public_url.n)
        return claim->origin.p && is_public_url(claim->origin, public_url);
    return claim->fetch_site.p || is_scheme_and_host(claim->origin, claim->scheme, claim->host);
}
