// SPDX-License-Identifier: Apache-2.0
#include "sse/event_bound.h"

#include <stdlib.h>
#include "base/json_line.h"
#include "base/jw.h"

// What is added to an event that is cut: names and values of the members that say so.
enum { FLAGS_BYTES = 96 };

enum way {
    CUT_ELEMENTS, // the first elements of a list stay
    CUT_TEXT,     // the beginning of a string stays, with `contentLength` if it is a content
    CUT_ALL,      // an object that becomes empty
};

// What may be cut, the most dispensable first.
static const struct cut {
    const char *path[3];
    enum way way;
    const char *flag;
    bool has_length;
} cuts[] = {
    {{"step", "sources"}, CUT_ELEMENTS, "sourcesTruncated", false},
    {{"message", "sources"}, CUT_ELEMENTS, "sourcesTruncated", false},
    {{"session", "metadata"}, CUT_ALL, "metadataTruncated", false},
    {{"message", "content"}, CUT_TEXT, "truncated", true},
    {{"step", "content"}, CUT_TEXT, "truncated", true},
    {{"step", "error", "message"}, CUT_TEXT, "truncated", false},
    {{"session", "error", "message"}, CUT_TEXT, "truncated", false},
};

// A list's inside as far as it fits into `most` bytes of a line, whole elements only.
static struct str first_elements(struct str list, size_t most)
{
    size_t kept = 1, at = 1, line = 0;
    while (at + 1 < list.n) {
        size_t n = json_line_value(str_skip(list, at));
        line += 1 + json_line_length((struct str){list.p + at, n});
        if (n == 0 || line > most)
            break;
        kept = at + n;
        at = kept + 1;
    }
    return (struct str){list.p + 1, kept - 1};
}

static int64_t text_length(struct str inside)
{
    int64_t text;
    (void)json_line_prefix(inside, SIZE_MAX, &text);
    return text;
}

// Prints the value `most` bytes long or less.
static void print_cut(struct buf *out, const struct cut *cut, struct str value, size_t most)
{
    int64_t text;
    struct str inside = {value.p + 1, value.n - 2};
    switch (cut->way) {
    case CUT_ELEMENTS:
        buf_char(out, '[');
        buf_str(out, first_elements(value, most));
        buf_char(out, ']');
        return;
    case CUT_TEXT:
        buf_char(out, '"');
        buf_bytes(out, inside.p, json_line_prefix(inside, most, &text));
        buf_char(out, '"');
        return;
    case CUT_ALL:
        buf_lit(out, "{}");
        return;
    }
}

// Prints the event with this one of its values cut by at least `excess` bytes, if it has the value. Where the value was
// cut before, what says so stands there already.
static bool cut_one(struct buf *out, const struct cut *cut, struct str body, size_t excess)
{
    struct str owner = STR_NONE, value = body;
    for (size_t i = 0; i < sizeof cut->path / sizeof cut->path[0] && cut->path[i]; i++) {
        owner = value;
        value = json_line_member(owner, str_from(cut->path[i]));
    }
    static const char opening[] = {[CUT_ELEMENTS] = '[', [CUT_TEXT] = '"', [CUT_ALL] = '{'};
    if (value.n <= 2 || value.p[0] != opening[cut->way])
        return false;
    size_t length = json_line_length(value) - 2;
    buf_bytes(out, body.p, (size_t)(value.p - body.p));
    print_cut(out, cut, value, length > excess ? length - excess : 0);
    if (!json_line_member(owner, str_from(cut->flag)).p) {
        if (cut->has_length)
            jw_member_i64(out, "contentLength", text_length((struct str){value.p + 1, value.n - 2}));
        buf_printf(out, ",\"%s\":true", cut->flag);
    }
    buf_str(out, str_skip(body, (size_t)(value.p - body.p) + value.n));
    return true;
}

static bool cut_to(struct buf *out, struct str body, size_t most)
{
    bool is_cut = false;
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        size_t length = json_line_length(body);
        if (length <= most)
            break;
        struct buf next = {0};
        if (!cut_one(&next, &cuts[i], body, length - most + FLAGS_BYTES))
            continue;
        buf_fini(out);
        *out = next;
        body = buf_view(out);
        is_cut = true;
    }
    return is_cut;
}

bool event_bound_cut(struct buf *out, struct str body)
{
    // An escaped separator takes at most three times its bytes.
    return body.n > EVENT_BOUND_DATA_BYTES / 3 && cut_to(out, body, EVENT_BOUND_DATA_BYTES);
}

// The list of a snapshot; each has one.
static struct str list_of(struct str body)
{
    struct str list = json_line_member(body, STR("streams"));
    return list.p ? list : json_line_member(body, STR("activity"));
}

// The elements of a part, of which each takes at most `most` bytes; *rest is what follows them. It may be none only
// if the list is empty.
static void take_part(struct buf *out, struct str *rest, size_t most)
{
    size_t line = 0;
    while (rest->n) {
        size_t n = json_line_value(*rest);
        struct str element = {rest->p, n};
        struct buf cut = {0};
        if (json_line_length(element) > most && cut_to(&cut, element, most))
            element = buf_view(&cut);
        line += 1 + json_line_length(element);
        bool fits = line <= most + 1 || out->n == 0;
        if (fits) {
            if (out->n)
                buf_char(out, ',');
            buf_str(out, element);
            *rest = str_skip(*rest, n < rest->n ? n + 1 : n);
        }
        buf_fini(&cut);
        if (!fits || n == 0)
            return;
    }
}

static void print_part(struct buf *out, struct str body, struct str list, struct str elements, int part, int parts)
{
    size_t before = (size_t)(list.p - body.p) + 1;
    buf_bytes(out, body.p, before);
    buf_str(out, elements);
    buf_char(out, ']');
    jw_member_i64(out, "part", part);
    jw_member_i64(out, "parts", parts);
    buf_str(out, str_skip(body, before + list.n - 1));
}

void event_bound_split(struct str body, void (*each)(void *context, struct str part), void *context)
{
    struct str list = list_of(body);
    if (list.n < 2 || json_line_length(body) <= EVENT_BOUND_DATA_BYTES) {
        each(context, body);
        return;
    }
    size_t around = body.n - list.n + FLAGS_BYTES;
    size_t most = EVENT_BOUND_DATA_BYTES > around ? EVENT_BOUND_DATA_BYTES - around : 0;
    struct buf part = {0}, elements = {0};
    int parts = 0;
    for (int pass = 0; pass < 2; pass++) {
        struct str rest = {list.p + 1, list.n - 2};
        for (int n = 1; rest.n; n++) {
            buf_clear(&elements);
            take_part(&elements, &rest, most);
            if (pass == 0) {
                parts = n;
                continue;
            }
            buf_clear(&part);
            print_part(&part, body, list, buf_view(&elements), n, parts);
            each(context, buf_view(&part));
        }
    }
    buf_fini(&elements);
    buf_fini(&part);
}
