// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/lines.h"

int lines_feed(struct lines *lines, struct str bytes, size_t most, void (*on_line)(void *arg, struct str line),
               void *arg)
{
    const char *end;
    while (bytes.n > 0 && (end = memchr(bytes.p, '\n', bytes.n))) {
        size_t n = (size_t)(end - bytes.p);
        if (lines->rest.n + n > most)
            return -1;
        buf_bytes(&lines->rest, bytes.p, n);
        while (lines->rest.n > 0 && lines->rest.p[lines->rest.n - 1] == '\r')
            lines->rest.n--;
        if (lines->rest.n > 0)
            on_line(arg, buf_view(&lines->rest));
        buf_clear(&lines->rest);
        bytes = str_skip(bytes, n + 1);
    }
    if (lines->rest.n + bytes.n > most)
        return -1;
    buf_str(&lines->rest, bytes);
    return 0;
}
