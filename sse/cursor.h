// Where a stream stands, as its `id:` says it: the rooms' numbers in the URL's order, joined by dots, "-" for a room
// without a number. The client sends it back; the door reads it (workspace-api), the pusher only prints.
#ifndef SSE_CURSOR_H
#define SSE_CURSOR_H

#include "sse/feed.h"

// Room for the numbers of all the rooms that a stream may have.
enum { CURSOR_LINE = 160 };

// "34.12.-"
void cursor_print(const struct feed *feed, struct buf *b);
// "id: 34.12.-\n"; returns its length.
size_t cursor_line(const struct feed *feed, char line[static CURSOR_LINE]);

#endif
