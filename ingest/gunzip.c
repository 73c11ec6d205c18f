// SPDX-License-Identifier: Apache-2.0
#include "ingest/gunzip.h"

// The input is only read.
#define ZLIB_CONST
#include <zlib.h>

enum { STEP = 256 * 1024, EITHER_HEADER = 32 + MAX_WBITS };

// Inflates one member from z->next_in. One byte of room beyond the bound tells a text that just fits from a longer one.
static enum gunzip_outcome inflate_member(z_stream *z, struct buf *out, size_t limit)
{
    for (;;) {
        size_t room = limit + 1 - out->n;
        if (room > STEP)
            room = STEP;
        buf_reserve(out, room);
        z->next_out = (Bytef *)(out->p + out->n);
        z->avail_out = (uInt)room;
        int status = inflate(z, Z_NO_FLUSH);
        out->n += room - z->avail_out;
        if (out->n > limit)
            return GUNZIP_TOO_BIG;
        if (status == Z_STREAM_END)
            return GUNZIP_OK;
        // Without progress although there was room, the input has ended before the member did.
        if (status != Z_OK || (z->avail_in == 0 && z->avail_out > 0))
            return GUNZIP_BROKEN;
    }
}

enum gunzip_outcome gunzip(struct buf *out, struct str packed, size_t most)
{
    z_stream z = {0};
    enum gunzip_outcome outcome = GUNZIP_BROKEN;
    size_t limit = out->n + most;
    if (packed.n > UINT32_MAX || inflateInit2(&z, EITHER_HEADER) != Z_OK)
        return GUNZIP_BROKEN;
    z.next_in = (const Bytef *)packed.p;
    z.avail_in = (uInt)packed.n;
    do
        outcome = inflate_member(&z, out, limit);
    while (outcome == GUNZIP_OK && z.avail_in > 0 && inflateReset(&z) == Z_OK);
    (void)inflateEnd(&z);
    return outcome;
}
