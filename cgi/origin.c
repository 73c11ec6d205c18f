#include "cgi/origin.h"

#include <strings.h>

static bool same_text(struct str a, struct str b)
{
    return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

static struct str without_scheme(struct str url)
{
    const char *at = url.n ? memmem(url.p, url.n, "://", 3) : NULL;
    return at ? str_skip(url, (size_t)(at - url.p) + 3) : STR_NONE;
}

bool origin_is_ours(struct str origin, struct str fetch_site, struct str host, struct str public_url)
{
    if (fetch_site.p && !str_eq(fetch_site, STR("same-origin")) && !str_eq(fetch_site, STR("none")))
        return false;
    if (!origin.p)
        return true;
    if (public_url.n) {
        while (public_url.p[public_url.n - 1] == '/')
            public_url.n--;
        return same_text(origin, public_url);
    }
    struct str named = without_scheme(origin);
    return named.n && host.n && same_text(named, host);
}
