// SPDX-License-Identifier: Apache-2.0
// The pusher's link to the relay of its machine: says which rooms have readers here, and receives what is written to
// them on other machines, as from any writer (sse/hints.h). A subscription reaches the other machines a moment after
// the room's state was read, so the counter of a new room is compared twice more. Texts
// that are being written there are asked for, and those that are known here are given to whoever asks. While the relay
// is away, the usual comparison finds what is written elsewhere.
#ifndef SSE_RELAY_H
#define SSE_RELAY_H

#include "sse/pusher.h"

// `path` is copied.
struct relay *relay_new(struct pusher *p, const char *path);
void relay_free(struct relay *relay);
// Called in each turn of the loop: connects when it is time, tells what has changed, and answers with texts.
void relay_step(struct relay *relay);

#endif
