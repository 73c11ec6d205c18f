// The cursor as both programs have it: what the pusher prints is what the door reads.
#include "cgi/cursor.h"
#include "sse/cursor.h"
#include "tests/fuzz/fuzz.h"

enum { FEED_BYTES = 4096 };

static union {
    struct feed feed;
    char bytes[FEED_BYTES];
} memory;

static void print(struct buf *text, const struct cursor *cursor, unsigned rooms)
{
    struct feed *feed = &memory.feed;
    assert(feed_size(rooms) <= sizeof memory);
    feed->n = rooms;
    for (unsigned i = 0; i < rooms; i++)
        feed->slots[i] = (struct slot){.counted = cursor->from[i] != CURSOR_NOW, .cursor = cursor->from[i]};
    cursor_print(feed, text);

    char line[160];
    size_t n = cursor_line(feed, line);
    assert(n == text->n + 5 && memcmp(line + 4, text->p, text->n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor cursor, again;
    struct buf text = {0};

    if (size == 0)
        return 0;
    int rooms = 1 + data[0] % CURSOR_ROOMS_MAX;
    cursor_parse(&cursor, (struct str){(const char *)data + 1, size - 1}, rooms);
    assert(cursor.is_given == (size > 1));
    for (int i = 0; i < CURSOR_ROOMS_MAX; i++)
        assert(cursor.from[i] >= 0 || cursor.from[i] == CURSOR_NOW);
    if (cursor.is_malformed)
        return 0;
    print(&text, &cursor, (unsigned)rooms);
    cursor_parse(&again, buf_view(&text), rooms);
    assert(!again.is_malformed && memcmp(cursor.from, again.from, sizeof again.from) == 0);
    buf_fini(&text);
    return 0;
}
