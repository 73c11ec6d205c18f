// SPDX-License-Identifier: Apache-2.0
// A growing byte buffer. It is not a string library: emit_json writes JSON, and emit_utf8 knows UTF-8.
//
// Modules of this library that are not part of its interface are called emit_*, so that a program that links it
// statically keeps the plain names for itself.
#ifndef EMITTER_EMIT_BUF_H
#define EMITTER_EMIT_BUF_H

#include <stddef.h>

// The zero value is empty. p is NUL-terminated once something was added; n does not count the NUL.
struct emit_buf {
    char *p;
    size_t n;
    size_t cap;
};

void emit_buf_add(struct emit_buf *b, const void *bytes, size_t n);
void emit_buf_text(struct emit_buf *b, const char *text);

// Shortens to n bytes; n is at most b->n.
void emit_buf_cut(struct emit_buf *b, size_t n);

// Frees the bytes; the buffer is empty and may be used again.
void emit_buf_fini(struct emit_buf *b);

// As malloc and strdup, but out of memory aborts. NULL text: NULL.
void *emit_buf_new(size_t n);
char *emit_buf_copy(const char *text);

// Copies text into out with its NUL, cut if it is longer; size is at least 1. NULL text: "".
void emit_buf_fit(char *out, size_t size, const char *text);

#endif
