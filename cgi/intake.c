#include "cgi/intake.h"

#include <strings.h>
#include "cgi/body.h"
#include "cgi/route.h"
#include "lib/clock.h"
#include "lib/utf8.h"

enum { JSON_BODY_MAX = 8 << 20, RAW_BODY_MAX = 16 << 20, SECRET_MAX = 128 };

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

// A secret of ours has only these characters; whatever else comes is no secret, and need not trouble the database.
static bool may_be_secret(struct str text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    if (text.n == 0 || text.n > SECRET_MAX)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\0' || !strchr(allowed, text.p[i]))
            return false;
    return true;
}

static struct str cookie_named(struct str cookies, struct str name)
{
    while (cookies.p) {
        struct str value = str_cut(&cookies, ';');
        while (value.n && value.p[0] == ' ')
            value = str_skip(value, 1);
        if (str_eq(str_cut(&value, '='), name))
            return value;
    }
    return STR_NONE;
}

static void read_credential(struct request *r, struct exchange *x)
{
    struct str authorization = variable(x, "HTTP_AUTHORIZATION");
    struct str secret;
    if (authorization.n) {
        // A header that names another scheme is a credential too, only a bad one: the cookie does not stand in for it.
        r->is_program = true;
        bool is_bearer = authorization.n > 7 && strncasecmp(authorization.p, "Bearer ", 7) == 0;
        secret = is_bearer ? str_skip(authorization, 7) : STR_NONE;
    } else {
        secret = cookie_named(variable(x, "HTTP_COOKIE"), STR("trace_session"));
    }
    r->secret = may_be_secret(secret) ? secret : STR_NONE;
}

int intake_head(struct request *r, struct exchange *x)
{
    r->received = clock_mono_ns();
    r->method = route_method(variable(x, "REQUEST_METHOD"));
    struct str query = variable(x, "REQUEST_URI");
    struct str path = str_cut(&query, '?');
    if (decode(r, path.p ? path : STR(""), false, &r->path))
        return problem_not_found(r);
    r->remote_address = variable(x, "REMOTE_ADDR");
    r->if_none_match = variable(x, "HTTP_IF_NONE_MATCH");
    r->last_event_id = variable(x, "HTTP_LAST_EVENT_ID");
    read_credential(r, x);
    return read_query(r, query);
}

int intake_body(struct request *r, struct exchange *x, enum body_kind kind)
{
    int64_t most = kind == BODY_RAW ? RAW_BODY_MAX : JSON_BODY_MAX;
    struct str length = variable(x, "CONTENT_LENGTH");
    int64_t n = 0;
    if (length.n && str_to_i64(length, &n))
        return problem(r, 400, "invalid_body", "Content-Length is not a number.");
    if (n > most)
        return problem(r, 413, "body_too_large", "The body is too large.");
    if (kind == BODY_NONE)
        return 0;
    struct buf raw = {0};
    buf_reserve(&raw, (size_t)n + 1);
    raw.n = x->ops->read(x, raw.p, (size_t)n);
    r->raw_body = (struct str){buf_cstr(&raw), raw.n};
    request_take(r, raw.p);
    if (raw.n != (size_t)n)
        return problem(r, 400, "incomplete_body", "The body ended before its length.");
    return kind == BODY_JSON ? body_parse(r, r->raw_body, &r->body) : 0;
}
