// SPDX-License-Identifier: Apache-2.0
// model: one call of an OpenAI-compatible `/chat/completions`. It says exactly how a call failed and whether calling
// again may help; whether to do so is the caller's. What servers do differently is read by agent/model/.
#ifndef AGENT_MODEL_H
#define AGENT_MODEL_H

#include <jansson.h>

#include "agent/exchange.h"
#include "base/must.h"

enum model_end {
    MODEL_OK,
    MODEL_ABORTED,
    MODEL_AGAIN,   // unreachable, overloaded, cut off or stalled: another call may succeed
    MODEL_TWICE,   // an empty answer or a call that was written as text: a second call may be better, a third is not
    MODEL_LOADING, // the server is loading the model
    MODEL_CHANGED, // something was learned about the server: call again at once
    MODEL_REFUSED  // it will be no different the next time
};

struct model_failure {
    char sentence[600]; // for everybody who reads the trace; masked
    char details[200];  // for the log: never what anybody said
    int64_t wait_ms;    // as the server asked; 0: it did not
};

// `messages` and `tools` (may be NULL) as the API has them. `reply` is filled as far as it came, also on failure, and
// is settled on MODEL_OK. Free it with reply_fini() either way.
enum model_end model_call(struct http *http, const struct model_config *config, json_t *messages, json_t *tools,
                          const struct model_sink *sink, struct reply *reply, struct model_failure *failure) MUST_USE;

#endif
