// SPDX-License-Identifier: Apache-2.0
#include "sse/batch.h"

#include <assert.h>

void batch_init(struct batch *batch, size_t most)
{
    batch->bytes = batch->n = batch->text_n = batch->events = 0;
    batch->oldest_ns = 0;
    batch->most = batch->turn = most;
}

void batch_clear(struct batch *batch)
{
    for (unsigned i = 0; i < batch->n; i++)
        frame_unref(batch->owner[i]);
    batch_init(batch, batch->most);
}

static void add(struct batch *batch, struct frame *owner, char *p, size_t n)
{
    assert(batch->n < BATCH_PARTS);
    batch->part[batch->n] = (struct iovec){p, n};
    batch->owner[batch->n++] = owner;
    batch->bytes += n;
}

void batch_frame(struct batch *batch, struct frame *frame, struct str part)
{
    add(batch, frame_ref(frame), frame->bytes + (part.p - frame->bytes), part.n);
    batch->events++;
    if (frame->stamp_ns && (!batch->oldest_ns || frame->stamp_ns < batch->oldest_ns))
        batch->oldest_ns = frame->stamp_ns;
}

void batch_text(struct batch *batch, struct str text)
{
    assert(batch->text_n + text.n <= BATCH_TEXT);
    char *at = batch->text + batch->text_n;
    memcpy(at, text.p, text.n);
    batch->text_n += (unsigned)text.n;
    add(batch, NULL, at, text.n);
}
