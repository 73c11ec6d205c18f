// SPDX-License-Identifier: Apache-2.0
// verdict: what an error of a model server means: whether to try again, what to leave out, and a sentence for people
// that names what they can change. The table of sentences is the diagnosis's. Pure.
#ifndef AGENT_MODEL_VERDICT_H
#define AGENT_MODEL_VERDICT_H

#include "agent/model/diagnosis.h"
#include "agent/model/habits.h"
#include "agent/model/trouble.h"
#include "base/must.h"

struct verdict {
    enum remedy remedy;
    char sentence[600];
};

// What the sentences name. `secret` is replaced wherever the server repeats it; "" if there is none.
struct verdict_scene {
    const char *model;
    const char *url;
    const char *secret;
};

// Takes out of the words what the server repeats of `said`, the request: what people and tools said is not to be told
// once more, and our own words say nothing about the server.
void verdict_forget(struct trouble *trouble, struct str said);

// How long the server's words ask to be left alone, in milliseconds; 0 if they do not.
int64_t verdict_wait_ms(const struct trouble *trouble);
void verdict_of(const struct trouble *trouble, const struct verdict_scene *scene, struct verdict *verdict);
// The habit that a refusal tells of, or HABIT__MAX. Only refusals of a request as it is do; those already known do not.
enum habit verdict_habit(const struct trouble *trouble, const struct habits *habits, bool has_tools) MUST_USE;
// Appends the server's words with keys masked, at most `most` bytes of them.
void verdict_mask(const char *words, const struct verdict_scene *scene, size_t most, struct buf *out);

#endif
