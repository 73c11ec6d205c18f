// SPDX-License-Identifier: Apache-2.0
#include "cgi/mentions.h"

// Longer runs of backticks mean nothing, because each length may cost one search through the whole text.
enum { SLUG_MAX = 64, BACKTICKS_MAX = 32 };

static bool is_slug_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

static bool is_word_byte(char c)
{
    return is_slug_char(c) || c == '_' || c == '.' || c == '@' || c == '/';
}

// The two-byte code points from U+00C0 to U+052F, which are letters of Latin, Greek and Cyrillic, continue a word.
// Everything else beyond ASCII ends it: quotes, emoji, and scripts without spaces between words.
static bool is_letter_pair(char first, char second)
{
    return (unsigned char)first >= 0xC3 && (unsigned char)first <= 0xD4 && ((unsigned char)second & 0xC0) == 0x80;
}

// Whether this byte before "@" makes it part of an address.
static bool is_inside_word(struct str text, size_t at)
{
    return at > 0 && (is_word_byte(text.p[at - 1]) || (at > 1 && is_letter_pair(text.p[at - 2], text.p[at - 1])));
}

// Whether what follows a slug makes it part of another word.
static bool goes_on(struct str text, size_t at)
{
    return at < text.n && (text.p[at] == '_' || (at + 1 < text.n && is_letter_pair(text.p[at], text.p[at + 1])));
}

static size_t run_of_backticks(struct str text, size_t at)
{
    size_t n = 0;
    while (at + n < text.n && text.p[at + n] == '`')
        n++;
    return n;
}

// Returns the place behind the code that begins with `n` backticks at `at`: a span ends with as many (CommonMark, 6.1).
// Without an end they are only backticks, but three at the beginning of a line open a block that goes on to the end of
// the text.
static size_t skip_code(struct str text, size_t at, size_t n)
{
    if (n > BACKTICKS_MAX)
        return at + n;
    for (size_t i = at + n; i < text.n;) {
        size_t closing = run_of_backticks(text, i);
        if (closing == n)
            return i + n;
        i += closing ? closing : 1;
    }
    bool is_block = n >= 3 && (at == 0 || text.p[at - 1] == '\n');
    return is_block ? text.n : at + n;
}

static bool has(struct str slugs, struct str slug)
{
    while (slugs.p)
        if (str_eq(str_cut(&slugs, ','), slug))
            return true;
    return false;
}

// Appends the slug that begins at `at` if it is a new one; returns its length.
static size_t take_slug(struct buf *slugs, struct str text, size_t at, int *count)
{
    char lower[SLUG_MAX];
    size_t n = 0;
    while (at + n < text.n && n < SLUG_MAX && is_slug_char(text.p[at + n])) {
        char c = text.p[at + n];
        lower[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    struct str slug = {lower, n};
    while (slug.n && lower[slug.n - 1] == '-')
        slug.n--;
    if (slug.n && !goes_on(text, at + n) && *count < MENTIONS_MAX && !has(buf_view(slugs), slug)) {
        if (slugs->n)
            buf_char(slugs, ',');
        buf_str(slugs, slug);
        ++*count;
    }
    return n;
}

void mentions_print(struct buf *literal, struct str content)
{
    struct buf slugs = {0};
    int count = 0;
    for (size_t i = 0; i < content.n;) {
        size_t backticks = run_of_backticks(content, i);
        if (backticks)
            i = skip_code(content, i, backticks);
        else if (content.p[i] == '@' && !is_inside_word(content, i))
            i += 1 + take_slug(&slugs, content, i + 1, &count);
        else
            i++;
    }
    buf_char(literal, '{');
    buf_str(literal, buf_view(&slugs));
    buf_char(literal, '}');
    buf_fini(&slugs);
}
