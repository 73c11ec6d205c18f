#include "cgi/cursor.h"

void cursor_parse(struct cursor *cursor, struct str text, int rooms)
{
    *cursor = (struct cursor){.is_given = text.n > 0};
    for (int i = 0; i < CURSOR_ROOMS_MAX; i++)
        cursor->from[i] = CURSOR_NOW;
    if (!text.n)
        return;
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
