// SPDX-License-Identifier: Apache-2.0
#include "wire/cursor.h"

#include <assert.h>

bool cursor_is_epoch(struct str text)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for (size_t i = 0; i < text.n; i++)
        if (!memchr(alphabet, text.p[i], sizeof alphabet - 1))
            return false;
    return text.n == CURSOR_EPOCH_CHARS;
}

void cursor_parse(struct cursor *cursor, struct str text, int rooms)
{
    *cursor = (struct cursor){.is_given = text.n > 0};
    for (int i = 0; i < CURSOR_ROOMS_MAX; i++)
        cursor->from[i] = CURSOR_NOW;
    if (!text.n)
        return;
    struct str epoch = text;
    text = str_cut(&epoch, '~');
    if (cursor_is_epoch(epoch))
        memcpy(cursor->epoch, epoch.p, epoch.n);
    else if (epoch.p)
        cursor->is_malformed = true;
    int n = 0;
    while (text.p) {
        struct str part = str_cut(&text, '.');
        bool is_number = n < rooms && str_to_i64(part, &cursor->from[n]) == 0;
        if (n == rooms || (!is_number && !str_eq(part, STR("-"))))
            cursor->is_malformed = true;
        if (n < rooms)
            n++;
    }
    cursor->is_malformed |= n != rooms;
}

static char *print_number(char *at, int64_t number)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (n)
        *at++ = digits[--n];
    return at;
}

size_t cursor_print(char text[static CURSOR_TEXT_SIZE], const int64_t *from, unsigned rooms, struct str epoch)
{
    assert(rooms <= CURSOR_ROOMS_MAX && (!epoch.n || cursor_is_epoch(epoch)));
    char *at = text;
    for (unsigned i = 0; i < rooms; i++) {
        if (i)
            *at++ = '.';
        if (from[i] < 0)
            *at++ = '-';
        else
            at = print_number(at, from[i]);
    }
    if (epoch.n) {
        *at++ = '~';
        memcpy(at, epoch.p, epoch.n);
        at += epoch.n;
    }
    return (size_t)(at - text);
}
