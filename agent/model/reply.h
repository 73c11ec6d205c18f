// SPDX-License-Identifier: Apache-2.0
// reply: puts together what a model answers, from the documents of a stream or from one whole document: thinking, text,
// refusal, tool calls, sources, usage, and what must go back to the server as it came. Pure.
#ifndef AGENT_MODEL_REPLY_H
#define AGENT_MODEL_REPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/model/calls.h"
#include "agent/model/repair.h"
#include "agent/model/trouble.h"
#include "agent/model/written.h"
#include "base/must.h"

#define REPLY_TEXT_MAX_BYTES (1u << 20)

// Zeroed, it is empty.
struct reply {
    struct buf reasoning; // thought beside the content
    struct buf content;   // as the model wrote it, perhaps with thinking or calls in it
    struct buf refusal;
    struct calls calls;
    json_t *sources; // an array, as REST takes it; NULL: none
    json_t *extra;   // members of the message that we do not know, for the server; NULL: none
    json_t *parts;   // the content's parts, if some are more than text; NULL: none
    char model[128];
    char finish_reason[64];
    int64_t input_tokens, output_tokens, reasoning_tokens; // 0: not told
    double cost_usd;                                       // 0: not told
    size_t skipped;                                        // events that could not be read
    bool is_written;                                       // the calls were written as text
    bool is_legacy;                                        // the call came as a function_call
    bool is_done;                                          // the server has said that nothing follows
    struct repair repair;
};

enum reply_taken { REPLY_TAKEN, REPLY_SKIPPED, REPLY_TOO_LARGE, REPLY_TROUBLE };

// One event of a stream: JSON, or "[DONE]". On REPLY_TROUBLE `trouble` says what the server said; else it may hold
// words that were no answer.
enum reply_taken reply_take(struct reply *reply, const char *event, struct str data, struct trouble *trouble) MUST_USE;
// The whole reply of a server that does not stream. REPLY_SKIPPED: it is no completion.
enum reply_taken reply_take_whole(struct reply *reply, struct str body, struct trouble *trouble) MUST_USE;
// The body of a reply that is an error by its status.
void reply_take_refusal(struct reply *reply, struct str body, struct trouble *trouble);
// True when the model has said that it is finished: an end of the stream before that is a cut.
bool reply_is_finished(const struct reply *reply);
// True if there is nothing to show or to do.
bool reply_is_empty(const struct reply *reply);
// Divides the content into thinking and text, and takes calls that were written as text out of it, unless
// `has_structure`: then they are none. `tools` is what was offered. The outcome of calls written as text.
enum written reply_settle(struct reply *reply, const json_t *tools, bool has_structure);
void reply_fini(struct reply *reply);

#endif
