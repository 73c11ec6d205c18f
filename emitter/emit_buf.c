// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_buf.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct emit_buf *b, size_t more)
{
    if (b->cap - b->n > more)
        return;
    size_t cap = b->cap ? b->cap : 64;
    while (cap - b->n <= more) {
        assert(cap <= SIZE_MAX / 2);
        cap *= 2;
    }
    char *p = realloc(b->p, cap);
    if (!p)
        abort();
    b->p = p;
    b->cap = cap;
}

void emit_buf_add(struct emit_buf *b, const void *bytes, size_t n)
{
    reserve(b, n);
    if (n)
        memcpy(b->p + b->n, bytes, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void emit_buf_text(struct emit_buf *b, const char *text)
{
    emit_buf_add(b, text, strlen(text));
}

void emit_buf_cut(struct emit_buf *b, size_t n)
{
    assert(n <= b->n);
    b->n = n;
    if (b->p)
        b->p[n] = '\0';
}

void emit_buf_fini(struct emit_buf *b)
{
    free(b->p);
    *b = (struct emit_buf){0};
}

void *emit_buf_new(size_t n)
{
    void *p = calloc(1, n);
    if (!p)
        abort();
    return p;
}

char *emit_buf_copy(const char *text)
{
    if (!text)
        return NULL;
    char *p = strdup(text);
    if (!p)
        abort();
    return p;
}

void emit_buf_fit(char *out, size_t size, const char *text)
{
    size_t n = text ? strnlen(text, size - 1) : 0;
    if (n)
        memcpy(out, text, n);
    out[n] = '\0';
}
