#include "sse/cursor.h"

#include <assert.h>

enum { NUMBER_MAX = 20 };

static char *print_number(char *at, int64_t number)
{
    char digits[NUMBER_MAX];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (n)
        *at++ = digits[--n];
    return at;
}

static char *print(const struct feed *feed, char *at)
{
    for (unsigned i = 0; i < feed->n; i++) {
        if (i)
            *at++ = '.';
        if (feed->slots[i].counted)
            at = print_number(at, feed->slots[i].cursor);
        else
            *at++ = '-';
    }
    return at;
}

void cursor_print(const struct feed *feed, struct buf *b)
{
    char line[CURSOR_LINE];
    const char *end = print(feed, line);
    buf_bytes(b, line, (size_t)(end - line));
}

size_t cursor_line(const struct feed *feed, char line[static CURSOR_LINE])
{
    assert(feed->n * (NUMBER_MAX + 1) + 8 <= CURSOR_LINE);
    memcpy(line, "id: ", 4);
    char *at = print(feed, line + 4);
    *at++ = '\n';
    return (size_t)(at - line);
}
