// SPDX-License-Identifier: Apache-2.0
#include "cgi/intake.h"

#include <strings.h>
#include "cgi/credential.h"
#include "cgi/login_cookie.h"
#include "cgi/problem.h"
#include "cgi/redaction.h"
#include "cgi/share_cookie.h"
#include "base/clock.h"
#include "base/utf8.h"

static const int64_t body_most[] = {[BODY_NONE] = 8 << 20,
                                    [BODY_JSON] = 8 << 20,
                                    [BODY_EXACT] = 8 << 20,
                                    [BODY_RAW] = 16 << 20,
                                    [BODY_LARGE] = 64 << 20};

static struct str variable(struct exchange *x, const char *name)
{
    return str_from(x->ops->variable(x, name));
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int intake_decode(struct buf *out, struct str text, bool is_query)
{
    size_t from = out->n;
    buf_reserve(out, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '+' && is_query)
            c = ' ';
        if (c == '%') {
            int high = text.n - i > 2 ? hex(text.p[i + 1]) : -1;
            int low = text.n - i > 2 ? hex(text.p[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0)
                return -1;
            c = (char)(high << 4 | low);
            i += 2;
        }
        buf_char(out, c);
    }
    return utf8_valid((struct str){out->p + from, out->n - from}) ? 0 : -1;
}

// Decodes into memory of the request. 0, or -1.
static int decode(struct request *r, struct str text, bool is_query, struct str *decoded)
{
    struct buf plain = {0};
    int failed = intake_decode(&plain, text, is_query);
    if (!failed)
        *decoded = str_from(request_keep(r, plain.n ? buf_view(&plain) : STR("")));
    buf_fini(&plain);
    return failed;
}

static int read_query(struct request *r, struct str query)
{
    while (query.p) {
        struct str value = str_cut(&query, '&');
        if (value.n == 0)
            continue;
        if (r->queries == REQUEST_QUERY_MAX)
            return problem(r, 400, "invalid_query", "The query has too many parameters.");
        struct parameter *parameter = &r->query[r->queries++];
        struct str name = str_cut(&value, '=');
        if (decode(r, name, true, &parameter->name) || decode(r, value.p ? value : STR(""), true, &parameter->value))
            return problem(r, 400, "invalid_query", "The query is not well-formed percent-encoded UTF-8.");
    }
    return 0;
}

// At the door for foreign agents the token stands where their clients put keys; people do not come there.
static void read_foreign_credential(struct request *r, struct exchange *x)
{
    struct buf token = {0};
    r->is_program = true;
    credential_foreign(&token, variable(x, "HTTP_AUTHORIZATION"), variable(x, "HTTP_X_API_KEY"));
    r->secret = str_from(request_keep(r, token.n ? buf_view(&token) : STR_NONE));
    buf_fini(&token);
}

static void read_credential(struct request *r, struct exchange *x, bool is_tls)
{
    struct str authorization = variable(x, "HTTP_AUTHORIZATION");
    r->is_share = share_cookie_is_path(r->path);
    if (r->is_share) {
        r->secret = share_cookie_read(variable(x, "HTTP_COOKIE"), is_tls);
    } else if (r->worker && r->worker->is_door) {
        read_foreign_credential(r, x);
    } else if (authorization.n) {
        // A header with another scheme is a bad credential, not an absent one: the cookie does not replace it.
        r->is_program = true;
        bool is_bearer = authorization.n > 7 && strncasecmp(authorization.p, "Bearer ", 7) == 0;
        r->secret = is_bearer ? str_skip(authorization, 7) : STR_NONE;
    } else {
        r->secret = login_cookie_read(variable(x, "HTTP_COOKIE"), is_tls, &r->is_old_login);
    }
    if (!credential_is_secret(r->secret))
        r->secret = STR_NONE;
}

int intake_head(struct request *r, struct exchange *x, bool is_tls)
{
    r->received_ns = clock_mono_ns();
    r->method = route_method(variable(x, "REQUEST_METHOD"));
    struct str query = variable(x, "REQUEST_URI");
    struct str path = str_cut(&query, '?');
    if (decode(r, path.p ? path : STR(""), false, &r->path))
        return problem_not_found(r);
    r->cookies = variable(x, "HTTP_COOKIE");
    r->remote_address = variable(x, "REMOTE_ADDR");
    r->if_none_match = variable(x, "HTTP_IF_NONE_MATCH");
    r->accept = variable(x, "HTTP_ACCEPT");
    r->last_event_id = variable(x, "HTTP_LAST_EVENT_ID");
    read_credential(r, x, is_tls);
    return read_query(r, query);
}

int intake_body(struct request *r, struct exchange *x, enum body_kind kind)
{
    struct str length = variable(x, "CONTENT_LENGTH");
    int64_t n = 0;
    if (length.n && str_to_i64(length, &n))
        return problem(r, 400, "invalid_body", "Content-Length is not a number.");
    if (n > body_most[kind])
        return problem(r, 413, "body_too_large", "The body is too large.");
    r->body_bytes = n;
    if (kind == BODY_NONE)
        return 0;
    struct buf raw = {0};
    r->content_type = variable(x, "CONTENT_TYPE");
    r->content_encoding = variable(x, "HTTP_CONTENT_ENCODING");
    buf_reserve(&raw, (size_t)n + 1);
    raw.n = x->ops->read(x, raw.p, (size_t)n);
    bool is_whole = raw.n == (size_t)n;
    if (kind == BODY_LARGE) {
        // Freed as soon as it was read, by whoever takes it.
        r->large_body = raw;
    } else {
        r->raw_body = (struct str){buf_cstr(&raw), raw.n};
        request_take(r, raw.p);
    }
    if (!is_whole)
        return problem(r, 400, "incomplete_body", "The body ended before its length.");
    bool is_object = kind == BODY_JSON || kind == BODY_EXACT;
    return is_object ? redaction_parse(r, r->raw_body, &r->body) : 0;
}
