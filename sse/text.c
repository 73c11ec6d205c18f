#include "sse/text.h"

#include <stdlib.h>

struct early {
    int64_t stamp;
    int64_t offset;
    int64_t raw;
    char *escaped;
    size_t n;
};

struct text_early {
    unsigned n;
    size_t bytes;
    struct early at[TEXT_EARLY_MAX];
};

struct text_pieces {
    int64_t stamp;
    unsigned pieces;
    unsigned missing;
    size_t bytes;
    struct {
        char *p;
        size_t n;
    } at[TEXT_PIECES_MAX];
};

static void drop_early(struct text_early *early, unsigned i)
{
    early->bytes -= early->at[i].n;
    free(early->at[i].escaped);
    early->at[i] = early->at[--early->n];
}

static void forget_early(struct text *text)
{
    if (!text->early)
        return;
    while (text->early->n)
        drop_early(text->early, 0);
    free(text->early);
    text->early = NULL;
}

static void forget_pieces(struct text *text)
{
    if (!text->pieces)
        return;
    for (unsigned i = 0; i < text->pieces->pieces; i++)
        free(text->pieces->at[i].p);
    free(text->pieces);
    text->pieces = NULL;
}

void text_forget(struct text *text)
{
    forget_early(text);
    forget_pieces(text);
    buf_fini(&text->escaped);
    text->raw = 0;
    text->generation++;
}

void text_fini(struct text *text)
{
    text_forget(text);
}

size_t text_memory(const struct text *text)
{
    size_t n = text->escaped.cap;
    if (text->early)
        n += sizeof *text->early + text->early->bytes;
    if (text->pieces)
        n += sizeof *text->pieces + text->pieces->bytes;
    return n;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int code_unit(struct str at)
{
    int unit = 0;
    if (at.n < 6 || at.p[0] != '\\' || at.p[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex(at.p[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

// Escaped length of the code point at the front, its plain length in *raw. 0 if it is cut off or no JSON.
static size_t code_point(struct str at, int64_t *raw)
{
    unsigned char lead = (unsigned char)at.p[0];
    size_t n = 1;
    if (lead == '\\' && at.n >= 2 && at.p[1] != 'u') {
        *raw = 1;
        return 2;
    }
    if (lead == '\\') {
        int unit = code_unit(at);
        if (unit < 0)
            return 0;
        *raw = unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
        if (unit < 0xD800 || unit > 0xDBFF)
            return 6;
        int low = code_unit(str_skip(at, 6));
        *raw = 4;
        return low >= 0xDC00 && low <= 0xDFFF ? 12 : 0;
    }
    if (lead >= 0xC0)
        n = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    *raw = (int64_t)n;
    return n <= at.n ? n : 0;
}

long text_skip(struct str escaped, int64_t raw)
{
    size_t at = 0;
    while (raw > 0 && at < escaped.n) {
        int64_t plain;
        size_t n = code_point(str_skip(escaped, at), &plain);
        if (n == 0 || plain > raw)
            return -1;
        at += n;
        raw -= plain;
    }
    return raw == 0 ? (long)at : -1;
}

// True if the whole message is there: *whole then views it, in `joined` where it came in pieces.
static bool gather(struct text *text, const struct text_part *part, struct buf *joined, struct str *whole)
{
    if (part->pieces <= 1) {
        *whole = part->escaped;
        return true;
    }
    if (part->pieces > TEXT_PIECES_MAX || part->piece >= part->pieces)
        return false;
    if (text->pieces && text->pieces->stamp > part->stamp)
        return false;
    if (text->pieces && (text->pieces->stamp != part->stamp || text->pieces->pieces != part->pieces))
        forget_pieces(text);
    if (!text->pieces) {
        text->pieces = mem_zero(sizeof *text->pieces);
        text->pieces->stamp = part->stamp;
        text->pieces->pieces = text->pieces->missing = part->pieces;
    }
    struct text_pieces *set = text->pieces;
    if (!set->at[part->piece].p) {
        set->at[part->piece].p = mem_dup(part->escaped);
        set->at[part->piece].n = part->escaped.n;
        set->bytes += part->escaped.n;
        set->missing--;
    }
    if (set->missing)
        return false;
    for (unsigned i = 0; i < set->pieces; i++)
        buf_bytes(joined, set->at[i].p, set->at[i].n);
    forget_pieces(text);
    *whole = buf_view(joined);
    return true;
}

static void wait_early(struct text *text, const struct text_part *part, struct str escaped)
{
    if (!text->early)
        text->early = mem_zero(sizeof *text->early);
    struct text_early *early = text->early;
    if (early->n == TEXT_EARLY_MAX || early->bytes + escaped.n > TEXT_EARLY_BYTES)
        return;
    early->bytes += escaped.n;
    early->at[early->n++] = (struct early){part->stamp, part->offset, part->raw, mem_dup(escaped), escaped.n};
}

// What of the delta is behind the text's end is appended. False if nothing is, or it does not fit.
static bool append(struct text *text, int64_t offset, int64_t raw, struct str escaped)
{
    if (offset > text->raw || offset + raw <= text->raw)
        return false;
    long cut = text_skip(escaped, text->raw - offset);
    if (cut < 0)
        return false;
    buf_str(&text->escaped, str_skip(escaped, (size_t)cut));
    text->raw = offset + raw;
    return true;
}

static bool append_early(struct text *text)
{
    struct text_early *early = text->early;
    bool grown = false;
    for (unsigned i = 0; early && i < early->n;) {
        struct early *e = &early->at[i];
        bool stale = e->stamp < text->stamp || e->offset + e->raw <= text->raw;
        if (!stale && e->offset > text->raw) {
            i++;
            continue;
        }
        bool fits = !stale && append(text, e->offset, e->raw, (struct str){e->escaped, e->n});
        drop_early(early, i);
        if (fits) {
            grown = true;
            i = 0;
        }
    }
    if (early && early->n == 0)
        forget_early(text);
    return grown;
}

enum text_change text_content(struct text *text, const struct text_part *part)
{
    struct buf joined = {0};
    struct str whole;
    enum text_change change = TEXT_SAME;
    if (part->stamp <= text->stamp || !gather(text, part, &joined, &whole))
        goto out;
    buf_clear(&text->escaped);
    buf_str(&text->escaped, whole);
    text->raw = part->raw;
    text->stamp = part->stamp;
    text->generation++;
    (void)append_early(text);
    change = TEXT_REPLACED;
out:
    buf_fini(&joined);
    return change;
}

enum text_change text_delta(struct text *text, const struct text_part *part)
{
    struct buf joined = {0};
    struct str whole;
    enum text_change change = TEXT_SAME;
    if (part->stamp < text->stamp || !gather(text, part, &joined, &whole))
        goto out;
    if (part->offset > text->raw) {
        wait_early(text, part, whole);
    } else if (append(text, part->offset, part->raw, whole)) {
        (void)append_early(text);
        change = TEXT_APPENDED;
    }
out:
    buf_fini(&joined);
    return change;
}

void text_restore(struct text *text, struct str escaped, int64_t raw)
{
    if (text->raw > 0 || raw == 0)
        return;
    buf_clear(&text->escaped);
    buf_str(&text->escaped, escaped);
    text->raw = raw;
    text->generation++;
    (void)append_early(text);
}
