// SPDX-License-Identifier: Apache-2.0
#include "cgi/sources.h"

#include <strings.h>
#include "cgi/body.h"
#include "cgi/problem.h"
#include "base/clock.h"
#include "base/jw.h"

enum field_kind { TEXT, URL, TIME, STREAM, MESSAGE };

// The shape, in the order in which it is printed.
static const struct field {
    const char *name;
    enum field_kind kind;
    size_t most;
} fields[] = {
    {"title", TEXT, 1000},      {"url", URL, 4096},        {"domain", TEXT, 255},
    {"snippet", TEXT, 4000},    {"streamId", STREAM, 64},  {"streamName", TEXT, 255},
    {"messageId", MESSAGE, 64}, {"authorName", TEXT, 255}, {"timestamp", TIME, 40},
};
enum { FIELDS = sizeof fields / sizeof fields[0], TITLE = 0, URL_AT = 1, DOMAIN_AT = 2, MESSAGE_AT = 6 };

static struct str after_scheme(struct str url)
{
    if (url.n > 8 && strncasecmp(url.p, "https://", 8) == 0)
        return str_skip(url, 8);
    if (url.n > 7 && strncasecmp(url.p, "http://", 7) == 0)
        return str_skip(url, 7);
    return STR_NONE;
}

bool sources_is_url(struct str url)
{
    struct str rest = after_scheme(url);
    if (rest.n == 0 || strchr("/?#:@", rest.p[0]))
        return false;
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.p[i] <= 0x20 || url.p[i] == 0x7f || strchr("\"<>\\^`{|}", url.p[i]))
            return false;
    return true;
}

// The host of a URL: without user, port and a leading "www.".
static struct str domain_of(struct str url)
{
    struct str host = after_scheme(url);
    size_t n = 0;
    while (n < host.n && !strchr("/?#", host.p[n]))
        n++;
    host.n = n;
    const char *at = n ? memrchr(host.p, '@', n) : NULL;
    if (at)
        host = str_skip(host, (size_t)(at - host.p) + 1);
    struct str rest = host;
    if (host.n && host.p[0] != '[')
        host = str_cut(&rest, ':');
    return str_starts(host, STR("www.")) ? str_skip(host, 4) : host;
}

static bool is_time(struct str text)
{
    int64_t wall_us;
    return clock_parse(text, &wall_us) == 0;
}

static int read_field(struct request *r, json_t *source, const struct field *field, const char *whole,
                      struct str *value)
{
    enum presence presence = field == &fields[TITLE] ? REQUIRED : OPTIONAL;
    int status = field->kind == STREAM    ? body_id(r, source, field->name, "str", presence, value)
                 : field->kind == MESSAGE ? body_id(r, source, field->name, "msg", presence, value)
                                          : body_text(r, source, field->name, presence, 0, field->most, value);
    if (status || !value->p)
        return status;
    if (field->kind == URL && !sources_is_url(*value))
        return problem_body(r, whole, "has a url that is not http or https");
    if (field->kind == TIME && !is_time(*value))
        return problem_body(r, whole, "has a timestamp that is not RFC 3339");
    return 0;
}

// An element of an array literal (PostgreSQL, 8.15.2): quoted, with backslashes before quotes and backslashes.
static void add_key(struct buf *keys, struct str key)
{
    if (keys->n > 1)
        buf_char(keys, ',');
    buf_char(keys, '"');
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '"' || key.p[i] == '\\')
            buf_char(keys, '\\');
        buf_char(keys, key.p[i]);
    }
    buf_char(keys, '"');
}

static int read_source(struct request *r, json_t *source, const char *whole, struct buf *printed, struct buf *keys)
{
    struct str type, values[FIELDS];
    int status = body_text(r, source, "type", REQUIRED, 1, 16, &type);
    if (status)
        return status;
    if (!str_eq(type, STR("web")) && !str_eq(type, STR("message")) && !str_eq(type, STR("document")))
        return problem_body(r, whole, "has a type that is not web, message or document");
    for (size_t i = 0; i < FIELDS; i++) {
        status = read_field(r, source, &fields[i], whole, &values[i]);
        if (status)
            return status;
    }
    if (values[URL_AT].p && !values[DOMAIN_AT].p)
        values[DOMAIN_AT] = domain_of(values[URL_AT]);
    // No host has such a name; the URL is shown instead.
    if (values[DOMAIN_AT].n > fields[DOMAIN_AT].most)
        values[DOMAIN_AT] = STR_NONE;
    jw_open(printed, '{');
    jw_member(printed, "type", type);
    for (size_t i = 0; i < FIELDS; i++)
        jw_member(printed, fields[i].name, values[i]);
    jw_close(printed, '}');
    add_key(keys, values[URL_AT].n ? values[URL_AT] : values[MESSAGE_AT].n ? values[MESSAGE_AT] : values[TITLE]);
    return 0;
}

int sources_read(struct request *r, json_t *object, const char *field, struct str *printed, struct str *keys)
{
    json_t *array = json_object_get(object, field);
    *printed = STR_NONE;
    if (keys)
        *keys = STR_NONE;
    if (!array || json_is_null(array))
        return 0;
    if (!json_is_array(array))
        return problem_body(r, field, "must be an array");
    if (json_array_size(array) > SOURCES_MAX)
        return problem_body(r, field, "has more than 200 entries");

    struct buf json = {0}, literal = {0};
    int status = 0;
    jw_open(&json, '[');
    buf_char(&literal, '{');
    for (size_t i = 0; i < json_array_size(array) && !status; i++) {
        json_t *source = json_array_get(array, i);
        status = json_is_object(source) ? read_source(r, source, field, &json, &literal)
                                        : problem_body(r, field, "must hold objects");
    }
    jw_close(&json, ']');
    buf_char(&literal, '}');
    if (!status) {
        *printed = str_from(request_keep(r, buf_view(&json)));
        if (keys)
            *keys = str_from(request_keep(r, buf_view(&literal)));
    }
    buf_fini(&json);
    buf_fini(&literal);
    return status;
}
