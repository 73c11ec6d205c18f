/*
 * text: a growing string of bytes, always NUL-terminated, and the few questions about UTF-8 that the agent asks.
 * It is not a parser. Running out of memory ends the program.
 */
#ifndef AGENT_TEXT_H
#define AGENT_TEXT_H

#include <stddef.h>

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define MUST_USE __attribute__((warn_unused_result))

/* Zeroed, it is empty. `p` is NULL only while nothing was ever added. */
struct text {
    char *p;
    size_t n;
    size_t room;
};

void text_fini(struct text *t);
void text_clear(struct text *t);
void text_add(struct text *t, const char *p, size_t n);
void text_adds(struct text *t, const char *s);
void text_addc(struct text *t, char c);
void text_addf(struct text *t, const char *format, ...) PRINTF_LIKE(2, 3);
/* Adds `s` percent-encoded for a query or path segment (RFC 3986 unreserved characters stay). */
void text_add_encoded(struct text *t, const char *s);
/* Never NULL; valid until the next change. */
const char *text_string(const struct text *t);
/* Hands the string to the caller, who frees it; the text is empty afterwards. */
char *text_take(struct text *t);

/* The longest length <= max at which `p` may be cut without splitting a code point. */
size_t text_utf8_cut(const char *p, size_t n, size_t max);
/* The length in bytes of the first `count` code points, or `n` if there are fewer. */
size_t text_utf8_first(const char *p, size_t n, size_t count);
/* Adds `p` with every malformed sequence replaced by U+FFFD and NUL dropped: what may be sent as JSON. */
void text_add_utf8(struct text *t, const char *p, size_t n);

void *text_alloc(size_t n);
char *text_dup(const char *s);

#endif
