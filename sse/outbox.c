// SPDX-License-Identifier: Apache-2.0
#include "sse/outbox.h"

#include <assert.h>
#include <stdlib.h>

void outbox_fini(struct outbox *outbox)
{
    for (unsigned i = 0; i < outbox->n; i++)
        frame_unref(outbox->at[i].frame);
    free(outbox->at);
    *outbox = (struct outbox){0};
}

void outbox_add(struct outbox *outbox, struct frame *frame, uint32_t from)
{
    if (outbox->n == outbox->cap) {
        outbox->cap = outbox->cap ? outbox->cap * 2 : 2;
        outbox->at = mem_grow(outbox->at, outbox->cap * sizeof *outbox->at);
    }
    outbox->at[outbox->n++] = (struct waiting){frame, from};
}

void outbox_keep(struct outbox *outbox, const struct batch *batch, size_t sent)
{
    for (unsigned i = 0; i < batch->n; i++) {
        const struct iovec *part = &batch->part[i];
        if (sent >= part->iov_len) {
            sent -= part->iov_len;
            continue;
        }
        struct str rest = {(const char *)part->iov_base + sent, part->iov_len - sent};
        struct frame *frame = batch->owner[i];
        // Each part of a frame ends where the frame ends.
        if (frame)
            outbox_add(outbox, frame_ref(frame), (uint32_t)(rest.p - frame->bytes));
        else
            outbox_add(outbox, frame_bytes(rest), 0);
        sent = 0;
    }
}

unsigned outbox_parts(const struct outbox *outbox, struct iovec parts[static OUTBOX_PARTS])
{
    unsigned n = outbox->n < OUTBOX_PARTS ? outbox->n : OUTBOX_PARTS;
    for (unsigned i = 0; i < n; i++) {
        struct waiting *w = &outbox->at[i];
        parts[i] = (struct iovec){w->frame->bytes + w->from, w->frame->n - w->from};
    }
    return n;
}

bool outbox_sent(struct outbox *outbox, size_t sent, unsigned n)
{
    unsigned gone = 0;
    while (gone < n && sent >= outbox->at[gone].frame->n - outbox->at[gone].from) {
        sent -= outbox->at[gone].frame->n - outbox->at[gone].from;
        frame_unref(outbox->at[gone++].frame);
    }
    if (gone < n)
        outbox->at[gone].from += (uint32_t)sent;
    outbox->n -= gone;
    if (outbox->n)
        memmove(outbox->at, outbox->at + gone, outbox->n * sizeof *outbox->at);
    else
        outbox_fini(outbox);
    return gone == n;
}
