// SPDX-License-Identifier: Apache-2.0
// budget: how much of a history fits into a number of tokens. There is no tokenizer: tokens are estimated from bytes,
// and the estimate is corrected by the usage that the server tells. Pure.
#ifndef AGENT_MODEL_BUDGET_H
#define AGENT_MODEL_BUDGET_H

#include <jansson.h>
#include <stdint.h>

#include "base/must.h"

#define BUDGET_BYTES_PER_KILOTOKEN 3500 // before the server has told any usage

// The history without what does not fit, a new reference. The system's message and the question, which is the last
// message of a user, always stay; the oldest go first, a call together with its outputs; at last outputs are cut.
// `budget_tokens` 0: all of it.
json_t *budget_fit(json_t *messages, int64_t budget_tokens, int64_t bytes_per_kilotoken) MUST_USE;
int64_t budget_tokens(const json_t *messages, int64_t bytes_per_kilotoken);

#endif
