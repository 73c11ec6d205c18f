// SPDX-License-Identifier: Apache-2.0
// What is written to one connection in one go: pieces of shared frames, and short texts of this connection alone.
#ifndef SSE_BATCH_H
#define SSE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>
#include "base/buf.h"
#include "sse/frame.h"

enum { BATCH_PARTS = 64, BATCH_TEXT = 4096, BATCH_SPARE = 512 };

struct batch {
    size_t bytes;
    size_t most; // no event is added once `bytes` has reached this
    size_t turn; // nor once it has reached this, which ends the turn of one of the connection's rooms
    unsigned n;
    unsigned text_n;
    unsigned events;
    int64_t oldest_ns; // stamp of the oldest live event in it; 0 if none
    struct iovec part[BATCH_PARTS];
    struct frame *owner[BATCH_PARTS]; // NULL: the bytes are in `text`
    char text[BATCH_TEXT];
};

void batch_init(struct batch *batch, size_t most);
void batch_clear(struct batch *batch);
// Ends the current turn after another `n` bytes.
static inline void batch_turn(struct batch *batch, size_t n)
{
    batch->turn = batch->bytes + n;
}
// True if nothing more fits, in whosever turn.
static inline bool batch_is_full(const struct batch *batch)
{
    return batch->n + 2 > BATCH_PARTS || batch->text_n + BATCH_SPARE > BATCH_TEXT || batch->bytes >= batch->most;
}
// True if another event fits: two parts and a short text.
static inline bool batch_has_room(const struct batch *batch)
{
    return !batch_is_full(batch) && batch->bytes < batch->turn;
}
// Adds part of a frame; the batch takes a reference of its own.
void batch_frame(struct batch *batch, struct frame *frame, struct str part);
// Adds a copy of the text; at most BATCH_SPARE bytes for each event.
void batch_text(struct batch *batch, struct str text);

#endif
