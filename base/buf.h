// SPDX-License-Identifier: Apache-2.0
// Byte strings: `struct str` to look at bytes that somebody else owns, `struct buf` to build some.
// Neither is NUL-terminated unless a function says so. Out of memory aborts the process.
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "base/must.h"

// A view: valid as long as its owner keeps the bytes. An absent value has p == NULL, an empty one n == 0.
struct str {
    const char *p;
    size_t n;
};

// A growing array of bytes, embedded in its owner. All zero is an empty buffer that owns nothing.
struct buf {
    char *p;
    size_t n;
    size_t cap;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})

static inline struct str str_from(const char *text)
{
    return text ? (struct str){text, strlen(text)} : STR_NONE;
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_starts(struct str text, struct str prefix)
{
    return text.n >= prefix.n && (prefix.n == 0 || memcmp(text.p, prefix.p, prefix.n) == 0);
}

static inline struct str str_skip(struct str text, size_t n)
{
    return (struct str){text.p + n, text.n - n};
}

// Cuts `text` at the first `separator`: returns what stands before it, and moves `text` behind it (to STR_NONE at the
// end).
struct str str_cut(struct str *text, char separator);

// Reads the whole of `text`: decimal digits only, at most INT64_MAX. Returns 0, or -1 with *value unchanged.
MUST_USE int str_to_i64(struct str text, int64_t *value);

void buf_fini(struct buf *b);
// The part of buf_reserve() that is seldom needed: growing.
void buf_grow(struct buf *b, size_t more);
void buf_i64(struct buf *b, int64_t value);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *format, va_list args) PRINTF_LIKE(2, 0);

// Makes room for `more` bytes behind b->n without changing b->n.
static inline void buf_reserve(struct buf *b, size_t more)
{
    if (more > b->cap - b->n)
        buf_grow(b, more);
}

static inline void buf_bytes(struct buf *b, const void *p, size_t n)
{
    if (n == 0)
        return;
    buf_reserve(b, n);
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

static inline void buf_char(struct buf *b, char c)
{
    buf_reserve(b, 1);
    b->p[b->n++] = c;
}

static inline void buf_str(struct buf *b, struct str text)
{
    buf_bytes(b, text.p, text.n);
}

#define buf_lit(b, literal) buf_bytes((b), (literal), sizeof(literal) - 1)

static inline struct str buf_view(const struct buf *b)
{
    return (struct str){b->p, b->n};
}

static inline void buf_clear(struct buf *b)
{
    b->n = 0;
}

// Returns the bytes with a NUL behind them, which is not counted. Valid until the next write.
const char *buf_cstr(struct buf *b);
// The same, handed to the caller, who frees it; the buffer is empty afterwards.
char *buf_take(struct buf *b);

// Allocation that aborts instead of failing.
void *mem_alloc(size_t n);
void *mem_zero(size_t n);
// Zeroed memory that every process which is forked later has in common with this one. It is never given back.
void *mem_shared(size_t n);
void *mem_grow(void *p, size_t n);
char *mem_dup(struct str text);

#endif
