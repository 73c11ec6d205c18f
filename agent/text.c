#include "agent/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *text_alloc(size_t n)
{
    void *p = calloc(1, n > 0 ? n : 1);

    if (p == NULL)
        abort();
    return p;
}

char *text_dup(const char *s)
{
    char *copy = strdup(s);

    if (copy == NULL)
        abort();
    return copy;
}

void text_fini(struct text *t)
{
    free(t->p);
    *t = (struct text){0};
}

void text_clear(struct text *t)
{
    t->n = 0;
    if (t->p != NULL)
        t->p[0] = '\0';
}

static void text_reserve(struct text *t, size_t more)
{
    size_t need = t->n + more + 1;
    size_t room = t->room > 0 ? t->room : 64;

    if (more > SIZE_MAX / 4 || t->n > SIZE_MAX / 4)
        abort();
    if (t->p != NULL && need <= t->room)
        return;
    while (room < need)
        room *= 2;
    t->p = realloc(t->p, room);
    if (t->p == NULL)
        abort();
    t->room = room;
}

void text_add(struct text *t, const char *p, size_t n)
{
    text_reserve(t, n);
    if (n > 0)
        memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = '\0';
}

void text_adds(struct text *t, const char *s)
{
    text_add(t, s, strlen(s));
}

void text_addc(struct text *t, char c)
{
    text_add(t, &c, 1);
}

void text_addf(struct text *t, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        abort();
    text_reserve(t, (size_t)n);
    va_start(args, format);
    (void)vsnprintf(t->p + t->n, (size_t)n + 1, format, args);
    va_end(args);
    t->n += (size_t)n;
}

void text_add_encoded(struct text *t, const char *s)
{
    for (; *s != '\0'; s++) {
        if (isalnum((unsigned char)*s) || strchr("-._~", *s) != NULL)
            text_addc(t, *s);
        else
            text_addf(t, "%%%02X", (unsigned)(unsigned char)*s);
    }
}

const char *text_string(const struct text *t)
{
    return t->p != NULL ? t->p : "";
}

char *text_take(struct text *t)
{
    char *p = t->p != NULL ? t->p : text_dup("");

    *t = (struct text){0};
    return p;
}

static int is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

size_t text_utf8_cut(const char *p, size_t n, size_t max)
{
    if (n <= max)
        return n;
    while (max > 0 && is_continuation(p[max]))
        max--;
    return max;
}

size_t text_utf8_first(const char *p, size_t n, size_t count)
{
    size_t i = 0;

    for (; i < n && count > 0; count--)
        for (i++; i < n && is_continuation(p[i]);)
            i++;
    return i;
}

/* The length of the well-formed sequence at `p` (Unicode 15, table 3-7), or 0. */
static size_t sequence_length(const unsigned char *p, size_t n)
{
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;

    if (len == 0 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF0 && p[1] < 0x90) ||
        (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return len;
}

void text_add_utf8(struct text *t, const char *p, size_t n)
{
    size_t i = 0;

    while (i < n) {
        size_t len = sequence_length((const unsigned char *)p + i, n - i);

        if (len == 0)
            text_adds(t, "\xEF\xBF\xBD");
        else if (p[i] != '\0')
            text_add(t, p + i, len);
        i += len > 0 ? len : 1;
    }
}
