// SPDX-License-Identifier: Apache-2.0
#include "cgi/cors.h"

#include <strings.h>
#include "base/config.h"

#define EXPOSED "ETag, Retry-After, Trace-Time, Trace-Steps, Content-Disposition, X-Vercel-AI-UI-Message-Stream"

// An origin goes into a header and into the address for the pusher.
static bool is_plain(struct str origin)
{
    for (size_t i = 0; i < origin.n; i++) {
        char c = origin.p[i];
        bool is_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_word && !strchr("-.:/[]_+", c))
            return false;
    }
    return origin.n > 0;
}

bool cors_is_listed(struct str origin, struct str list)
{
    while (is_plain(origin) && list.p) {
        struct str one = str_cut(&list, ',');
        while (one.n && one.p[0] == ' ')
            one = str_skip(one, 1);
        while (one.n && (one.p[one.n - 1] == ' ' || one.p[one.n - 1] == '/'))
            one.n--;
        if (one.n == origin.n && strncasecmp(one.p, origin.p, one.n) == 0)
            return true;
    }
    return false;
}

void cors_answer(struct request *r, struct str origin)
{
    struct str list = str_from(config_text(CONFIG_CORS_ORIGINS));
    if (!list.n)
        return;
    // Caches must not show a page the answer that was for another.
    request_header(r, "Vary", STR("Origin"));
    bool is_by_cookie = r->secret.p && !r->is_program;
    if (is_by_cookie || !cors_is_listed(origin, list))
        return;
    r->reading_origin = origin;
    request_header(r, "Access-Control-Allow-Origin", origin);
    request_header(r, "Access-Control-Expose-Headers", STR(EXPOSED));
}

// The wildcard is all headers but Authorization.
int cors_preflight(struct request *r, struct str asked_method, struct str allow)
{
    if (!r->reading_origin.p || !asked_method.n)
        return 0;
    request_header(r, "Access-Control-Allow-Methods", allow);
    request_header(r, "Access-Control-Allow-Headers", STR("Authorization, *"));
    request_header(r, "Access-Control-Max-Age", STR("600"));
    return 204;
}
