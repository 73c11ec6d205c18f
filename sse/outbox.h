// What a connection's kernel buffer did not take: references to shared frames, and where in the first of them to go on.
// Empty, it owns no memory.
#ifndef SSE_OUTBOX_H
#define SSE_OUTBOX_H

#include <stdbool.h>
#include "sse/batch.h"

enum { OUTBOX_PARTS = 64 };

struct waiting {
    struct frame *frame;
    uint32_t from; // bytes of it that are not to be sent (any more)
};

struct outbox {
    unsigned n, cap;
    struct waiting *at;
};

void outbox_fini(struct outbox *outbox);
// Takes the frame over.
void outbox_add(struct outbox *outbox, struct frame *frame, uint32_t from);
// Keeps the rest of the batch, of which `sent` bytes are gone.
void outbox_keep(struct outbox *outbox, const struct batch *batch, size_t sent);
// Fills at most OUTBOX_PARTS parts, the first things first; returns how many.
unsigned outbox_parts(const struct outbox *outbox, struct iovec parts[static OUTBOX_PARTS]);
// `sent` bytes of the first `n` parts are gone. True if that was all of them.
bool outbox_sent(struct outbox *outbox, size_t sent, unsigned n);

#endif
