// What somebody sees of a workspace as a whole.
#ifndef LIB_STORE_WORKSPACE_H
#define LIB_STORE_WORKSPACE_H

#include "lib/answer.h"

// Behind an answer's columns: the personas as pieces (cgi/actors.h). The body is the reply without its brackets and
// personas.
enum { WORKSPACE_PERSONAS = ANSWER_COLUMNS };
MUST_USE struct answer store_workspace_get(struct pg *pg, const struct caller *caller);

// Who can be mentioned: at most 20 by prefix of a slug or of a word of the name; with `stream` of the people only those
// who may read it. The body is absent, the pieces stand behind the answer's columns.
enum { MENTIONABLE_ACTORS = ANSWER_COLUMNS };
MUST_USE struct answer store_workspace_mentionable(struct pg *pg, const struct caller *caller, const char *prefix,
                                                   const char *stream);

#endif
