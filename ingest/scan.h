// SPDX-License-Identifier: Apache-2.0
// The frame of a JSON body: walks the members of an object or the elements of an array as slices of the text, so that a
// body of many items is never one tree in memory, and a broken item costs only itself. It looks at strings and brackets
// alone; what is inside a slice is checked by whoever parses it (ingest/value.h).
#ifndef INGEST_SCAN_H
#define INGEST_SCAN_H

#include "base/buf.h"

struct scan {
    struct str rest;
    bool is_object;
    bool is_broken; // the text ended, or went on, in a way that no JSON does: what came before it is still good
};

// Begins with the object or array that `text` is. False if it is neither.
MUST_USE bool scan_open(struct scan *s, struct str text);

// The next member. `key` is as written between its quotes (STR_NONE in an array). False at the end, and where the text
// is broken.
MUST_USE bool scan_next(struct scan *s, struct str *key, struct str *value);

// The value of the first member called `key` of the object `text`, or STR_NONE.
struct str scan_member(struct str text, const char *key);

#endif
