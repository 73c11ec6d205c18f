// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_sources.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "emitter/emit_id.h"
#include "emitter/emit_json.h"
#include "emitter/emit_utf8.h"

#define URL_MAX 4096
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool is_type(const char *type)
{
    static const char *const types[] = {"web", "message", "document"};
    for (size_t i = 0; type && i < COUNT(types); i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

static bool is_id_or_none(const char *text, const char *prefix)
{
    return !text || emit_id_is(text, prefix);
}

// Checks the form of an RFC 3339 date and time; the server reads no more than that, either.
static bool is_time(const char *text)
{
    static const char form[] = "0000-00-00T00:00:00";
    size_t i = 0;
    for (; form[i]; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    size_t n = strlen(text + i);
    return n > 0 && n <= 20 && strspn(text + i, "0123456789.:+-Z") == n;
}

// Writes a web address with a host, encoding what it may not contain. Returns 0, or -1 if it cannot be one.
static int mend_url(struct emit_buf *out, const char *url)
{
    size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7 : strncasecmp(url, "https://", 8) == 0 ? 8 : 0;
    if (!scheme || !url[scheme] || strchr("/?#:@", url[scheme]))
        return -1;
    struct emit_buf clean = {0};
    emit_utf8_clean(&clean, url, strlen(url), true);
    for (size_t i = 0; i < clean.n; i++) {
        unsigned char c = (unsigned char)clean.p[i];
        char text[4] = {(char)c, '\0'};
        if (c <= 0x20 || c == 0x7f || strchr("\"<>\\^`{|}", c))
            snprintf(text, sizeof text, "%%%02X", (unsigned)c);
        emit_buf_text(out, text);
    }
    emit_buf_fini(&clean);
    return out->n <= URL_MAX ? 0 : -1;
}

static void add_source(struct emit_buf *b, const struct trace_source *s, const char *url)
{
    const struct {
        const char *name, *text;
        size_t most;
    } members[] = {{"type", s->type, 16},
                   {"title", s->title, 1000},
                   {"url", url, URL_MAX},
                   {"domain", s->domain, 255},
                   {"snippet", s->snippet, 4000},
                   {"streamId", s->stream_id, 64},
                   {"streamName", s->stream_name, 255},
                   {"messageId", s->message_id, 64},
                   {"authorName", s->author_name, 255},
                   {"timestamp", s->timestamp && is_time(s->timestamp) ? s->timestamp : NULL, 40}};
    emit_json_open(b);
    for (size_t i = 0; i < COUNT(members); i++)
        emit_json_cut(b, members[i].name, members[i].text, members[i].most);
    emit_json_close(b);
}

void emit_sources_add(struct emit_buf *b, const struct trace_source *sources, size_t n, size_t *dropped)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const struct trace_source *s = &sources[i];
        struct emit_buf url = {0};
        bool right = kept < TRACE_SOURCES_MAX && is_type(s->type) && s->title && *s->title &&
                     is_id_or_none(s->stream_id, "str_") && is_id_or_none(s->message_id, "msg_") &&
                     (!s->url || mend_url(&url, s->url) == 0);
        if (right) {
            if (kept++ == 0)
                emit_json_name(b, "sources");
            emit_buf_text(b, kept == 1 ? "[" : ",");
            add_source(b, s, url.p);
        } else {
            ++*dropped;
        }
        emit_buf_fini(&url);
    }
    if (kept)
        emit_buf_text(b, "]");
}
