// SPDX-License-Identifier: Apache-2.0
// A cursor: what the door understands is, printed by the pusher and read again, the same.
#include "tests/fuzz/fuzz.h"
#include "wire/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor cursor, again;
    char text[CURSOR_TEXT_SIZE];

    if (size == 0)
        return 0;
    int rooms = 1 + data[0] % CURSOR_ROOMS_MAX;
    cursor_parse(&cursor, (struct str){(const char *)data + 1, size - 1}, rooms);
    assert(cursor.is_given == (size > 1));
    for (int i = 0; i < CURSOR_ROOMS_MAX; i++)
        assert(cursor.from[i] >= 0 || cursor.from[i] == CURSOR_NOW);
    if (cursor.is_malformed)
        return 0;
    size_t n = cursor_print(text, cursor.from, (unsigned)rooms, str_from(cursor.epoch));
    assert(n <= sizeof text);
    cursor_parse(&again, (struct str){text, n}, rooms);
    assert(!again.is_malformed && memcmp(cursor.from, again.from, sizeof again.from) == 0);
    assert(strcmp(cursor.epoch, again.epoch) == 0);
    return 0;
}
