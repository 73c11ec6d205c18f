// SPDX-License-Identifier: Apache-2.0
// finish: what the reason that a model gives for its end means. One table. Pure.
#ifndef AGENT_MODEL_FINISH_H
#define AGENT_MODEL_FINISH_H

#include <stdbool.h>

#include "base/buf.h"

// True if it is no reason: some servers write "null" into every event but the last.
bool finish_is_none(const char *reason);
// Of a reply without calls: NULL if the answer is whole; else why it is not, to go on a sentence such as "This answer
// is incomplete: …". A reason that nobody knows is one of those; `unknown` then holds the text.
const char *finish_shortfall(const char *reason, struct buf *unknown);

#endif
