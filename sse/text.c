// SPDX-License-Identifier: Apache-2.0
#include "sse/text.h"

#include <stdlib.h>
#include "base/json_line.h"

// How many messages about one text may come in pieces at a time.
enum { SETS_MAX = 4 };

struct early {
    int64_t n, stamp_ns;
    int64_t offset;
    int64_t raw;
    char *escaped;
    size_t length;
};

struct text_early {
    unsigned n;
    size_t bytes;
    struct early at[TEXT_EARLY_MAX];
};

struct text_pieces {
    struct text_pieces *next;
    bool is_delta;
    int64_t n, stamp_ns, raw;
    unsigned pieces;
    unsigned missing;
    size_t bytes;
    struct {
        char *p;
        size_t n;
    } at[TEXT_PIECES_MAX];
};

// Below 0 if the first call was made before the second. A stamp is the receiving machine's, so a writer's own numbers
// are believed over it where both calls have one.
static int order(int64_t n, int64_t stamp_ns, int64_t other_n, int64_t other_stamp_ns)
{
    bool has_numbers = n && other_n;
    int64_t one = has_numbers ? n : stamp_ns, other = has_numbers ? other_n : other_stamp_ns;
    return (one > other) - (one < other);
}

static int order_of(const struct text_part *part, const struct text *text)
{
    return order(part->n, part->stamp_ns, text->n, text->stamp_ns);
}

static void drop_early(struct text_early *early, unsigned i)
{
    early->bytes -= early->at[i].length;
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

static void free_set(struct text_pieces **at)
{
    struct text_pieces *set = *at;
    *at = set->next;
    for (unsigned i = 0; i < set->pieces; i++)
        free(set->at[i].p);
    free(set);
}

static void forget_pieces(struct text *text)
{
    while (text->pieces)
        free_set(&text->pieces);
}

// A whole content has come, and what is not newer says nothing any more.
static void forget_stale_pieces(struct text *text)
{
    for (struct text_pieces **at = &text->pieces; *at;) {
        if (order((*at)->n, (*at)->stamp_ns, text->n, text->stamp_ns) <= 0)
            free_set(at);
        else
            at = &(*at)->next;
    }
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
    for (const struct text_pieces *set = text->pieces; set; set = set->next)
        n += sizeof *set + set->bytes;
    return n;
}

long text_skip(struct str escaped, int64_t raw)
{
    size_t at = 0;
    while (raw > 0 && at < escaped.n) {
        int64_t plain;
        size_t n = json_line_char(str_skip(escaped, at), &plain);
        if (n == 0 || plain > raw)
            return -1;
        at += n;
        raw -= plain;
    }
    return raw == 0 ? (long)at : -1;
}

// Where the pieces of that message are, or are to be: several deltas may be under way, but of contents only the newest.
// NULL: there is a newer content.
static struct text_pieces **set_of(struct text *text, const struct text_part *part, bool is_delta)
{
    struct text_pieces **oldest = NULL, **at = &text->pieces;
    unsigned n = 0;
    while (*at) {
        struct text_pieces *set = *at;
        int newer = order(part->n, part->stamp_ns, set->n, set->stamp_ns);
        if (newer == 0 && set->is_delta == is_delta && set->pieces == part->pieces && set->raw == part->raw)
            return at;
        if (!is_delta && !set->is_delta && newer < 0)
            return NULL;
        // The same content may also come once more from elsewhere, with more or less behind it.
        if (!is_delta && !set->is_delta) {
            free_set(at);
            continue;
        }
        if (!oldest || order(set->n, set->stamp_ns, (*oldest)->n, (*oldest)->stamp_ns) < 0)
            oldest = at;
        at = &set->next;
        n++;
    }
    if (n < SETS_MAX)
        return at;
    free_set(oldest);
    for (at = &text->pieces; *at; at = &(*at)->next)
        ;
    return at;
}

static struct text_pieces *set_new(const struct text_part *part, bool is_delta)
{
    struct text_pieces *set = mem_zero(sizeof *set);
    set->is_delta = is_delta;
    set->n = part->n;
    set->stamp_ns = part->stamp_ns;
    set->raw = part->raw;
    set->pieces = set->missing = part->pieces;
    return set;
}

// True if the whole message is there; *whole then views it, in `joined` if it came in pieces.
static bool gather(struct text *text, const struct text_part *part, bool is_delta, struct buf *joined,
                   struct str *whole)
{
    if (part->pieces <= 1) {
        *whole = part->escaped;
        return true;
    }
    if (part->pieces > TEXT_PIECES_MAX || part->piece >= part->pieces)
        return false;
    struct text_pieces **at = set_of(text, part, is_delta);
    if (!at)
        return false;
    if (!*at)
        *at = set_new(part, is_delta);
    struct text_pieces *set = *at;
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
    free_set(at);
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
    early->at[early->n++] =
        (struct early){part->n, part->stamp_ns, part->offset, part->raw, mem_dup(escaped), escaped.n};
}

// Appends the part of the delta that lies behind the end of the text. False if there is none, or if it does not fit.
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
        bool stale = order(e->n, e->stamp_ns, text->n, text->stamp_ns) < 0 || e->offset + e->raw <= text->raw;
        if (!stale && e->offset > text->raw) {
            i++;
            continue;
        }
        bool fits = !stale && append(text, e->offset, e->raw, (struct str){e->escaped, e->length});
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

static enum text_change replace(struct text *text, const struct text_part *part)
{
    struct buf joined = {0};
    struct str whole;
    enum text_change change = TEXT_SAME;
    if (!gather(text, part, false, &joined, &whole))
        goto out;
    buf_clear(&text->escaped);
    buf_str(&text->escaped, whole);
    text->raw = part->raw;
    text->n = part->n;
    text->stamp_ns = part->stamp_ns;
    text->generation++;
    forget_stale_pieces(text);
    (void)append_early(text);
    change = TEXT_REPLACED;
out:
    buf_fini(&joined);
    return change;
}

enum text_change text_content(struct text *text, const struct text_part *part)
{
    return order_of(part, text) > 0 ? replace(text, part) : TEXT_SAME;
}

enum text_change text_so_far(struct text *text, const struct text_part *part)
{
    int newer = order_of(part, text);
    return newer > 0 || (newer == 0 && part->raw > text->raw) ? replace(text, part) : TEXT_SAME;
}

enum text_change text_delta(struct text *text, const struct text_part *part)
{
    struct buf joined = {0};
    struct str whole;
    enum text_change change = TEXT_SAME;
    if (order_of(part, text) < 0 || !gather(text, part, true, &joined, &whole))
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
