// SPDX-License-Identifier: Apache-2.0
// JSON as clients really send it, before json-c reads it. One pass over one item's text that
//   - puts U+FFFD for what no database stores: NUL, half a surrogate pair, bytes that are not UTF-8;
//   - puts null for NaN and Infinity;
//   - marks integers that have no room in 64 bits, and -0, by a full stop behind them: json-c then keeps their digits,
//     and value_print() takes the mark away again (no JSON number ends with one);
//   - says how much memory a tree of it would take, before there is one.
// It refuses what would make the two readers disagree: comments, single quotes, NUL outside of strings.
#ifndef INGEST_MEND_H
#define INGEST_MEND_H

#include "base/buf.h"

enum { MEND_DEPTH_MAX = 128 };

struct mend_count {
    int64_t replaced;  // characters and numbers that were put in place of others
    size_t cost_bytes; // of json-c's tree, roughly and never less
};

// Appends the mended text. 0, or -1 if it can be no JSON, or nests deeper than MEND_DEPTH_MAX.
MUST_USE int mend_json(struct buf *out, struct str text, struct mend_count *count);

// Appends `text` as well-formed UTF-8 without NUL. Returns how many pieces were replaced.
int64_t mend_text(struct buf *out, struct str text);

#endif
