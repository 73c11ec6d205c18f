// SPDX-License-Identifier: Apache-2.0
// What became of the items of one request, for the answer that its protocol has: an item that could not be taken costs
// nothing but itself.
#ifndef INGEST_REPORT_H
#define INGEST_REPORT_H

#include <stdbool.h>
#include "base/buf.h"

// How reading a body as a whole ended.
enum read_outcome {
    READ_OK,          // perhaps with items refused
    READ_BROKEN,      // nothing of it could be made out
    READ_UNAVAILABLE, // what was read could not be kept: to be sent again
};

// Embedded; all zero is empty.
struct report {
    int64_t taken;
    int64_t refused;
    int64_t replaced;      // characters and numbers that were none
    const char *first_why; // of the first item refused
    bool lists_items;      // `items` is wanted
    struct buf successes;  // Langfuse: members of JSON arrays, {"id","status"} and {"id","status","message"}
    struct buf errors;
};

void report_fini(struct report *report);
void report_take(struct report *report, struct str item);
// `why` is a sentence without input in it, and a constant.
void report_refuse(struct report *report, struct str item, const char *why);

#define REPORT_NO_JSON "the body ends, or goes on, as no JSON does; what came before that was taken"

// How a body of which all was read ended. If it is broken, what is missing counts as an item that was refused, because
// of `why`; nothing was made out of it if no item came before.
MUST_USE enum read_outcome report_end(struct report *report, bool is_broken, const char *why);

#endif
