// SPDX-License-Identifier: Apache-2.0
#include "cgi/slice.h"

// The place behind the string that begins at `at` (which holds its opening quote).
static size_t skip_string(struct str json, size_t at)
{
    for (at++; at < json.n && json.p[at] != '"'; at++)
        if (json.p[at] == '\\')
            at++;
    return at < json.n ? at + 1 : json.n;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(struct str json, size_t at)
{
    while (at < json.n && is_space(json.p[at]))
        at++;
    return at;
}

// The place behind the value that begins at `at`.
static size_t skip_value(struct str json, size_t at)
{
    int depth = 0;
    while (at < json.n) {
        char c = json.p[at];
        if (c == '"') {
            at = skip_string(json, at);
            if (depth == 0)
                return at;
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']' || is_space(c)))
            return at;
        if (c == '{' || c == '[')
            depth++;
        if (c == '}' || c == ']')
            depth--;
        at++;
        if (depth == 0 && (c == '}' || c == ']'))
            return at;
    }
    return at;
}

bool slice_next(struct str object, size_t *at, struct str *key, struct str *value)
{
    size_t begin = skip_space(object, *at) + 1; // behind the opening brace, or the comma
    begin = skip_space(object, begin);
    if (begin >= object.n || object.p[begin] != '"')
        return false;
    size_t end = skip_string(object, begin);
    *key = (struct str){object.p + begin + 1, end - begin - 2};
    begin = skip_space(object, skip_space(object, end) + 1); // behind the colon
    end = skip_value(object, begin);
    *value = (struct str){object.p + begin, end - begin};
    *at = end;
    return true;
}

struct str slice_member(struct str object, struct str key)
{
    struct str found, value;
    for (size_t at = 0; slice_next(object, &at, &found, &value);)
        if (str_eq(found, key))
            return value;
    return STR_NONE;
}

struct str slice_key_at(struct str text, size_t offset)
{
    struct str key = STR_NONE;
    int depth = 0;
    for (size_t at = 0; at < text.n && at < offset;) {
        char c = text.p[at];
        if (c == '"') {
            size_t end = skip_string(text, at), next = skip_space(text, end);
            if (depth == 1 && next < text.n && text.p[next] == ':' && end <= offset)
                key = (struct str){text.p + at + 1, end - at - 2};
            at = end;
            continue;
        }
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth == 1 && c == ',')
            key = STR_NONE;
        at++;
    }
    return key;
}

void slice_compact(struct buf *out, struct str json)
{
    buf_reserve(out, json.n);
    size_t at = 0;
    while (at < json.n) {
        size_t end = at + 1;
        if (json.p[at] == '"')
            end = skip_string(json, at);
        if (!is_space(json.p[at]))
            buf_bytes(out, json.p + at, end - at);
        at = end;
    }
}

bool slice_is_excessive(struct str json, int depth, int values)
{
    int open = 0, commas = 0;
    size_t at = 0;
    while (at < json.n) {
        char c = json.p[at];
        if (c == '"') {
            at = skip_string(json, at);
            continue;
        }
        open += (c == '{' || c == '[') - (c == '}' || c == ']');
        commas += c == ',';
        if (open > depth || commas > values)
            return true;
        at++;
    }
    return false;
}
