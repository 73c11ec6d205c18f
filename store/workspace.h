// SPDX-License-Identifier: Apache-2.0
// What a caller sees of a workspace as a whole.
#ifndef STORE_WORKSPACE_H
#define STORE_WORKSPACE_H

#include "store/answer.h"

// The people and personas of the two answers, as pieces (cgi/actors.h).
struct str store_workspace_actors(const struct store_answer *answer);

// The body is the reply without its brackets and its personas.
MUST_USE struct store_answer store_workspace_get(struct pg *pg, const struct caller *caller);

// At most 20 people and personas that can be mentioned, found by a prefix of their slug or of a word of their name.
// With `stream`, only those people who may read it. There is no body.
MUST_USE struct store_answer store_workspace_mentionable(struct pg *pg, const struct caller *caller, const char *prefix,
                                                         const char *stream);

#endif
