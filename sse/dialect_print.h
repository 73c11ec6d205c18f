// SPDX-License-Identifier: Apache-2.0
// Printing the events of dialects: "data: {"type":"…", …}" and an empty line. Lines end with LF alone, as some clients
// split events at nothing else.
#ifndef SSE_DIALECT_PRINT_H
#define SSE_DIALECT_PRINT_H

#include "sse/dialect_parts.h"

void dialect_print_begin(struct buf *b, const char *type);
void dialect_print_end(struct buf *b);
// A member whose text is escaped already; left out if it is absent or empty.
void dialect_print_text(struct buf *b, const char *key, struct str inside);
// The members of an object that says of a step what the protocol has no word for. Of an open step only what this reader
// was shown is known.
void dialect_print_facts(struct buf *b, const struct dialect_step *step);
void dialect_print_open_facts(struct buf *b, const struct dialect_open *open, const char *status);
// The members that say how a session ended.
void dialect_print_outcome(struct buf *b, const struct dialect_run *run);
// The message of an error's JSON, or of its code, or `otherwise`.
struct str dialect_print_error_text(struct str error, const char *otherwise);
// Calls `each` for every object of a printed list, with its place from 0.
void dialect_print_each(struct str list, void (*each)(void *context, size_t i, struct str object), void *context);

#endif
