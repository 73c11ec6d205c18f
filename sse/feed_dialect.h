// SPDX-License-Identifier: Apache-2.0
// The part of a feed (sse/feed.h) that speaks another dialect: between a slot, which stands in the room's events, and
// the reader, which says them (sse/dialect.h).
#ifndef SSE_FEED_DIALECT_H
#define SSE_FEED_DIALECT_H

#include "sse/batch.h"
#include "sse/step.h"
#include "sse/subscriber.h"
#include "wire/dialect.h"

void feed_dialect_join(struct slot *slot, enum dialect dialect);
void feed_dialect_leave(struct slot *slot);
// 0, or -1 if the event has to wait for the database.
MUST_USE int feed_dialect_event(struct slot *slot, struct batch *batch, struct frame *event);
void feed_dialect_text(struct slot *slot, struct batch *batch, const struct step *step);
// There is nothing more to say at the moment. True if there never will be.
MUST_USE bool feed_dialect_settle(struct slot *slot, struct batch *batch);

#endif
