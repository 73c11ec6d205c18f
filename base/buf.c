// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

void *mem_alloc(size_t n)
{
    void *p = malloc(n ? n : 1);
    if (!p)
        abort();
    return p;
}

void *mem_zero(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p)
        abort();
    return p;
}

void *mem_shared(size_t n)
{
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        abort();
    return p;
}

void *mem_grow(void *p, size_t n)
{
    void *grown = realloc(p, n ? n : 1);
    if (!grown)
        abort();
    return grown;
}

char *mem_dup(struct str text)
{
    char *copy = mem_alloc(text.n + 1);
    if (text.n)
        memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    return copy;
}

struct str str_cut(struct str *text, char separator)
{
    if (!text->p)
        return STR_NONE;
    const char *at = text->n ? memchr(text->p, separator, text->n) : NULL;
    struct str head = *text;
    if (!at) {
        *text = STR_NONE;
        return head;
    }
    head.n = (size_t)(at - text->p);
    *text = str_skip(*text, head.n + 1);
    return head;
}

int str_to_i64(struct str text, int64_t *value)
{
    int64_t sum = 0;
    if (text.n == 0 || text.n > 19)
        return -1;
    for (size_t i = 0; i < text.n; i++) {
        int digit = text.p[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, digit, &sum))
            return -1;
    }
    *value = sum;
    return 0;
}

void buf_fini(struct buf *b)
{
    free(b->p);
    *b = (struct buf){0};
}

void buf_grow(struct buf *b, size_t more)
{
    size_t need;
    if (__builtin_add_overflow(b->n, more, &need))
        abort();
    size_t cap = b->cap ? b->cap : 256;
    while (cap < need)
        cap += cap / 2;
    b->p = mem_grow(b->p, cap);
    b->cap = cap;
}

void buf_i64(struct buf *b, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        buf_char(b, '-');
    buf_bytes(b, digits + at, sizeof digits - at);
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    if (n < 0)
        abort();
    buf_reserve(b, (size_t)n + 1);
    (void)vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
    va_end(again);
    b->n += (size_t)n;
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

const char *buf_cstr(struct buf *b)
{
    buf_reserve(b, 1);
    b->p[b->n] = '\0';
    return b->p;
}

char *buf_take(struct buf *b)
{
    (void)buf_cstr(b);
    char *text = b->p;
    *b = (struct buf){0};
    return text;
}
