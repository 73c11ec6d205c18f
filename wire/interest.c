// SPDX-License-Identifier: Apache-2.0
#include "wire/interest.h"

#include "wire/room_name.h"

void interest_add(struct buf *changes, bool is_followed, struct str room)
{
    buf_char(changes, is_followed ? '+' : '-');
    buf_str(changes, room);
    buf_char(changes, '\0');
}

struct str interest_cut(struct str *changes)
{
    struct str whole = *changes;
    if (whole.n > INTEREST_SIZE_MAX) {
        whole.n = INTEREST_SIZE_MAX;
        while (whole.n && whole.p[whole.n - 1] != '\0')
            whole.n--;
    }
    *changes = str_skip(*changes, whole.n);
    return whole;
}

int interest_next(struct str *message, bool *is_followed, struct str *room)
{
    struct room_name parsed;
    if (!message->n)
        return 0;
    char sign = message->p[0];
    const char *end = memchr(message->p, '\0', message->n);
    if (!end || (sign != '+' && sign != '-'))
        return -1;
    *is_followed = sign == '+';
    *room = (struct str){message->p + 1, (size_t)(end - message->p) - 1};
    *message = str_skip(*message, room->n + 2);
    return room_name_parse(*room, &parsed) ? -1 : 1;
}
