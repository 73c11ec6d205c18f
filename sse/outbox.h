// SPDX-License-Identifier: Apache-2.0
// What the kernel did not take from a connection: references to shared frames, and where in the first of them to go on.
// An empty outbox owns no memory.
#ifndef SSE_OUTBOX_H
#define SSE_OUTBOX_H

#include <stdbool.h>
#include "sse/batch.h"

enum { OUTBOX_PARTS = 64 };

struct waiting {
    struct frame *frame;
    uint32_t from; // how many of its bytes are not to be sent, or have been
};

struct outbox {
    unsigned n, cap;
    struct waiting *at;
};

void outbox_fini(struct outbox *outbox);
// Takes the reference over.
void outbox_add(struct outbox *outbox, struct frame *frame, uint32_t from);
// Keeps what is left of the batch after `sent` bytes.
void outbox_keep(struct outbox *outbox, const struct batch *batch, size_t sent);
// Fills at most OUTBOX_PARTS parts in order and returns how many.
unsigned outbox_parts(const struct outbox *outbox, struct iovec parts[static OUTBOX_PARTS]);
// `sent` bytes of the first `n` parts were written. True if that was all of them.
bool outbox_sent(struct outbox *outbox, size_t sent, unsigned n);

#endif
