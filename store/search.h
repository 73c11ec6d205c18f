// SPDX-License-Identifier: Apache-2.0
// Search over messages, by their words and by what stands in them.
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "store/answer.h"

#define SEARCH_BEGIN '\x02'
#define SEARCH_END '\x03'

// With `audience`, a stream: only what everybody who may read that stream may read.
MUST_USE struct store_answer store_search(struct store_reader *reader, const struct caller *caller, const char *words,
                                          const char *audience, const char *limit);

// The hit in row `row`, best first, below store_answer_rows(). False: nothing was found, and this is the only row.
struct store_search_hit {
    struct str body;    // the printed message and stream, without brackets
    struct str snippet; // SEARCH_BEGIN stands before and SEARCH_END behind each word that matched
};
bool store_search_read(const struct store_answer *answer, int row, struct store_search_hit *hit);

#endif
