// SPDX-License-Identifier: Apache-2.0
// finish: what the reason that a model gives for its end means. One table. Pure.
#ifndef AGENT_MODEL_FINISH_H
#define AGENT_MODEL_FINISH_H

#include "base/buf.h"

// NULL if the answer is whole; else why it is not, to go on a sentence such as "This answer is incomplete: …". A reason
// that nobody knows is one of those; `unknown` then holds the text.
const char *finish_shortfall(const char *reason, struct buf *unknown);

#endif
