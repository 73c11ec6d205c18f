// SPDX-License-Identifier: Apache-2.0
// repair: makes JSON readable that model servers send although a strict reader refuses it. Pure. It is not a parser:
// what is broken in other ways stays broken, and the reader that follows says so.
//
// - Half a surrogate pair or half a UTF-8 sequence at the end of a string is kept for the next string of the same
//   member, because servers cut their tokens anywhere. Elsewhere it becomes U+FFFD, as does \u0000.
// - Raw control characters and unknown escapes inside strings are escaped.
// - NaN and the infinities become null; integers beyond 64 bits become reals, and what is beyond all reals 0.
#ifndef AGENT_MODEL_REPAIR_H
#define AGENT_MODEL_REPAIR_H

#include <jansson.h>

#include "base/buf.h"

#define REPAIR_FIELDS 4

// Embedded; zeroed, it holds nothing. It owns no memory.
struct repair {
    struct repair_rest {
        char member[32];
        char bytes[8]; // as they stood in the JSON
        size_t n;      // 0: nothing is kept
    } rest[REPAIR_FIELDS];
};

// Appends the repaired `json`, one whole document.
void repair_json(struct repair *repair, struct str json, struct buf *out);

// Reads an object or an array whose numbers may be of any size. NULL: it is broken in another way.
json_t *repair_read(struct str json);

#endif
