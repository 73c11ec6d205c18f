// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_json.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "emitter/agenttrace.h"
#include "emitter/emit_utf8.h"

void emit_json_open(struct emit_buf *b)
{
    emit_buf_text(b, "{");
}

void emit_json_close(struct emit_buf *b)
{
    emit_buf_text(b, "}");
}

void emit_json_name(struct emit_buf *b, const char *name)
{
    emit_buf_text(b, b->n && b->p[b->n - 1] == '{' ? "\"" : ",\"");
    emit_buf_text(b, name);
    emit_buf_text(b, "\":");
}

static void escape(struct emit_buf *b, unsigned char c)
{
    char out[8];
    static const char named[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c == '"' || c == '\\')
        snprintf(out, sizeof out, "\\%c", c);
    else if (c < sizeof named && named[c])
        snprintf(out, sizeof out, "\\%c", named[c]);
    else
        snprintf(out, sizeof out, "\\u%04x", (unsigned)c);
    emit_buf_text(b, out);
}

void emit_json_string(struct emit_buf *b, const char *bytes, size_t n)
{
    struct emit_buf clean = {0};
    emit_utf8_clean(&clean, bytes, n, true);
    emit_buf_text(b, "\"");
    size_t from = 0;
    for (size_t at = 0; at < clean.n; at++) {
        unsigned char c = (unsigned char)clean.p[at];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        emit_buf_add(b, clean.p + from, at - from);
        escape(b, c);
        from = at + 1;
    }
    if (clean.n > from)
        emit_buf_add(b, clean.p + from, clean.n - from);
    emit_buf_text(b, "\"");
    emit_buf_fini(&clean);
}

void emit_json_text(struct emit_buf *b, const char *name, const char *text)
{
    if (!text)
        return;
    emit_json_name(b, name);
    emit_json_string(b, text, strlen(text));
}

void emit_json_cut(struct emit_buf *b, const char *name, const char *text, size_t most)
{
    struct emit_buf clean = {0};
    if (!text)
        return;
    emit_utf8_clean(&clean, text, strlen(text), true);
    emit_json_name(b, name);
    emit_json_string(b, clean.p, trace_text_fit(clean.p, clean.n, most));
    emit_buf_fini(&clean);
}

void emit_json_value(struct emit_buf *b, const char *name, const char *json)
{
    if (!json)
        return;
    emit_json_name(b, name);
    emit_buf_text(b, json);
}

void emit_json_number(struct emit_buf *b, const char *name, int64_t number)
{
    if (!number)
        return;
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    emit_json_value(b, name, text);
}

void emit_json_time(struct emit_buf *b, const char *name, int64_t ms)
{
    char text[64], whole[40];
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    if (ms <= 0 || !gmtime_r(&seconds, &utc) || utc.tm_year > 9999 - 1900)
        return;
    strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, sizeof text, "%s.%03dZ", whole, (int)(ms % 1000));
    emit_json_text(b, name, text);
}

json_t *emit_json_read(const char *json, size_t n, size_t flags)
{
    json_error_t error;
    json_t *value = json_loadb(json, n, flags, &error);
    if (!value && json_error_code(&error) == json_error_numeric_overflow)
        value = json_loadb(json, n, flags | JSON_DECODE_INT_AS_REAL, NULL);
    return value;
}

static size_t string_end(const char *json, size_t n, size_t at)
{
    for (at++; at < n && json[at] != '"'; at++)
        at += json[at] == '\\';
    return at < n ? at + 1 : n;
}

const char *emit_json_member(const char *object, size_t n, const char *name, size_t *length)
{
    const char *value = NULL;
    size_t depth = 0, begin = 0, key = strlen(name);
    bool is_found = false;
    for (size_t at = 0; at < n; at++) {
        char c = object[at];
        bool ends = depth == 1 && (c == ',' || c == '}');
        if (begin && ends) {
            value = object + begin;
            *length = at - begin;
            begin = 0;
        }
        if (c == '"') {
            size_t end = string_end(object, n, at);
            is_found = depth == 1 && end - at == key + 2 && memcmp(object + at + 1, name, key) == 0;
            at = end - 1;
        } else if (c == ':' && depth == 1 && is_found) {
            begin = at + 1;
        }
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
    }
    return value;
}
