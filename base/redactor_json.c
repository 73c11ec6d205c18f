// SPDX-License-Identifier: Apache-2.0
#include "base/redactor.h"

#include "base/id.h"
#include "base/jw.h"

// A place in the text of a value; what stands before `copied` has been written. `open` has the opening brackets that
// are not yet closed, and `top` and `key` are as redactor_json() gives them on.
struct walk {
    const struct redactor *rules;
    enum redactor_what (*what)(struct str top, struct str key);
    struct buf *out;
    struct str json;
    size_t at, copied;
    struct buf open;
    struct str top, key;
    bool wants_key;
    int keys; // that were redacted: they stay different from each other
    bool is_changed;
};

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The four digits behind "\u"; -1 for what are none.
static int code_unit(struct str text, size_t at)
{
    int unit = 0;
    for (size_t i = at; i < at + 4; i++) {
        int digit = i < text.n ? hex(text.p[i]) : -1;
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static void put_code_point(struct buf *out, int c)
{
    if (c < 0x80) {
        buf_char(out, (char)c);
        return;
    }
    if (c < 0x800) {
        buf_char(out, (char)(0xC0 | c >> 6));
    } else {
        if (c < 0x10000) {
            buf_char(out, (char)(0xE0 | c >> 12));
        } else {
            buf_char(out, (char)(0xF0 | c >> 18));
            buf_char(out, (char)(0x80 | (c >> 12 & 0x3F)));
        }
        buf_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
    }
    buf_char(out, (char)(0x80 | (c & 0x3F)));
}

// Half a surrogate pair stays as it was written.
static size_t put_unicode(struct buf *out, struct str text, size_t at)
{
    int unit = code_unit(text, at + 2);
    if (unit >= 0xD800 && unit < 0xDC00 && at + 7 < text.n && text.p[at + 6] == '\\' && text.p[at + 7] == 'u') {
        int low = code_unit(text, at + 8);
        if (low >= 0xDC00 && low < 0xE000) {
            put_code_point(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
            return at + 12;
        }
    }
    if (unit < 0 || (unit >= 0xD800 && unit < 0xE000)) {
        buf_lit(out, "\\u");
        return at + 2;
    }
    put_code_point(out, unit);
    return at + 6;
}

// What a string says, of the text between its quotes (RFC 8259, 7).
static void unescape(struct buf *out, struct str text)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    for (size_t at = 0; at < text.n;) {
        const char *name = text.p[at] == '\\' && at + 1 < text.n ? strchr(names, text.p[at + 1]) : NULL;
        if (name && *name) {
            buf_char(out, meant[name - names]);
            at += 2;
        } else if (text.p[at] == '\\' && at + 1 < text.n && text.p[at + 1] == 'u') {
            at = put_unicode(out, text, at);
        } else {
            buf_char(out, text.p[at++]);
        }
    }
}

static bool is_web(struct str text)
{
    return str_starts(text, STR("http://")) || str_starts(text, STR("https://"));
}

// Writes `said` as a string in place of what stands from `begin` on.
static void replace(struct walk *w, size_t begin, size_t end, struct str said)
{
    buf_bytes(w->out, w->json.p + w->copied, begin - w->copied);
    buf_char(w->out, '"');
    jw_escape(w->out, said);
    buf_char(w->out, '"');
    w->copied = end;
    w->is_changed = true;
}

static void look_at_text(struct walk *w, size_t begin, size_t end, struct str raw, bool is_key)
{
    struct buf plain = {0}, said = {0};
    struct str text = raw;
    if (memchr(raw.p, '\\', raw.n)) {
        unescape(&plain, raw);
        text = buf_view(&plain);
    }
    if (text.n && !id_is_ours(text) && redactor_text(w->rules, &said, text)) {
        if (is_key && w->keys++ > 0)
            buf_printf(&said, " %d", w->keys);
        struct buf url = {0};
        if (!is_key && str_eq(w->key, STR("url")) && is_web(text) && !is_web(buf_view(&said)))
            buf_lit(&url, "https://redacted.invalid/");
        buf_str(&url, buf_view(&said));
        replace(w, begin, end, buf_view(&url));
        buf_fini(&url);
    }
    buf_fini(&plain);
    buf_fini(&said);
}

// The place behind the string that begins at `at`.
static size_t string_end(struct str json, size_t at)
{
    for (at++; at < json.n && json.p[at] != '"'; at++)
        if (json.p[at] == '\\')
            at++;
    return at < json.n ? at + 1 : json.n;
}

static void walk_string(struct walk *w)
{
    size_t begin = w->at, end = string_end(w->json, begin);
    w->at = end;
    if (end - begin < 2 || w->json.p[end - 1] != '"')
        return;
    struct str raw = {w->json.p + begin + 1, end - begin - 2};
    if (w->wants_key) {
        w->wants_key = false;
        w->key = raw;
        if (w->open.n == 1)
            w->top = raw;
        else if (w->what(w->top, STR_NONE) == REDACTOR_ALL)
            look_at_text(w, begin, end, raw, true);
    } else if (w->what(w->top, w->key) != REDACTOR_NOTHING) {
        look_at_text(w, begin, end, raw, false);
    }
}

static void walk_number(struct walk *w)
{
    size_t begin = w->at;
    while (w->at < w->json.n && w->json.p[w->at] && strchr("+-.0123456789eE", w->json.p[w->at]))
        w->at++;
    if (w->what(w->top, w->key) != REDACTOR_ALL)
        return;
    struct buf said = {0};
    if (redactor_text(w->rules, &said, (struct str){w->json.p + begin, w->at - begin}))
        replace(w, begin, w->at, buf_view(&said));
    buf_fini(&said);
}

static void walk_mark(struct walk *w, char c)
{
    w->at++;
    if (c == '{' || c == '[')
        buf_char(&w->open, c);
    if ((c == '}' || c == ']') && w->open.n) {
        w->open.n--;
        w->key = STR_NONE;
    }
    if (c == '{' || c == ',' || c == '[')
        w->wants_key = w->open.n && w->open.p[w->open.n - 1] == '{';
}

bool redactor_json(const struct redactor *rules, enum redactor_what (*what)(struct str top, struct str key),
                   struct buf *out, struct str json)
{
    struct walk w = {.rules = rules, .what = what, .out = out, .json = json};
    while (w.at < json.n) {
        char c = json.p[w.at];
        if (c == '"')
            walk_string(&w);
        else if ((c >= '0' && c <= '9') || c == '-')
            walk_number(&w);
        else
            walk_mark(&w, c);
    }
    buf_bytes(out, json.p + w.copied, json.n - w.copied);
    buf_fini(&w.open);
    return w.is_changed;
}
