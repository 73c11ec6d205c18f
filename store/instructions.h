// SPDX-License-Identifier: Apache-2.0
// What a session's model was told before anything else: its system prompt, and the schemas of the tools that it was
// offered. A session has them once, and they are read apart from it, because they may be long.
#ifndef STORE_INSTRUCTIONS_H
#define STORE_INSTRUCTIONS_H

#include "store/answer.h"

struct store_instructions {
    struct str system_prompt; // or STR_NONE
    struct str tools;         // printed JSON, or STR_NONE
};

// OK, STRANGER, FORBIDDEN, NOT_FOUND. The views live as long as the answer.
MUST_USE struct store_answer store_instructions_find(struct pg *pg, const struct caller *caller, const char *session,
                                                     struct store_instructions *out);

#endif
