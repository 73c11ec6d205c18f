// SPDX-License-Identifier: Apache-2.0
// Personas: what their agents say of themselves, and how a workspace's admins make and change them.
#ifndef STORE_PERSONA_H
#define STORE_PERSONA_H

#include "store/answer.h"

struct pg;

// Notes how the persona of the caller's token found its model's server: "reachable", "unreachable", "unknown" (the
// model) or "refused" (the key). Nobody is told; it is printed with the persona.
struct store_answer store_persona_tell_model(struct pg *pg, const struct caller *caller, const char *status);

struct store_persona_draft {
    const char *name;
    const char *slug;        // NULL: made from the name
    const char *avatar;      // NULL: initials
    const char *description; // or NULL
};
// The body is a piece of cgi/actors.h. FORBIDDEN for whoever is no admin, with the problem admin_only; CONFLICT:
// slug_taken.
MUST_USE struct store_answer store_persona_create(struct pg *pg, const struct caller *caller,
                                                  const struct store_persona_draft *draft);

// What is NULL stays, and the slug always; an empty description is none. NOT_FOUND.
MUST_USE struct store_answer store_persona_change(struct pg *pg, const struct caller *caller, const char *persona,
                                                  const struct store_persona_draft *draft);

#endif
