// SPDX-License-Identifier: Apache-2.0
// What went wrong in a span: a code and one sentence. Stacks stay in the attributes and events.
#ifndef INGEST_FAULT_H
#define INGEST_FAULT_H

#include "ingest/span.h"

struct fault {
    struct str code;    // STR_NONE: not said
    struct str message; // its first line, not yet bounded
    bool is_cancelled;  // somebody stopped it, and the client says so
};

// Of a span that is_failed, or whose attributes say that it did. False if nothing went wrong.
bool fault_read(struct span *s, struct fault *fault);

#endif
