// SPDX-License-Identifier: Apache-2.0
// verdict: what an error of a model server means: whether to try again, what to leave out, and a sentence for people
// that names what they can change. One table; a new peculiarity of a server is a row. Pure.
#ifndef AGENT_MODEL_VERDICT_H
#define AGENT_MODEL_VERDICT_H

#include "agent/model/habits.h"
#include "agent/model/trouble.h"
#include "base/must.h"

enum remedy {
    REMEDY_NONE,   // it will be no different the next time
    REMEDY_AGAIN,  // overloaded, or broken for the moment
    REMEDY_TWICE,  // what the model made was poor: a second try may be better
    REMEDY_WAIT,   // the model is being loaded
    REMEDY_SHORTEN // the conversation does not fit
};

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

void verdict_of(const struct trouble *trouble, const struct verdict_scene *scene, struct verdict *verdict);
// The habit that a refusal tells of, or HABIT__MAX. Only refusals of a request as it is do; those already known do not.
enum habit verdict_habit(const struct trouble *trouble, const struct habits *habits, bool has_tools) MUST_USE;
// Appends the server's words with keys masked, at most `most` bytes of them.
void verdict_mask(const char *words, const struct verdict_scene *scene, size_t most, struct buf *out);

#endif
