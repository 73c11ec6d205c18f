// Full-text search over messages.
#ifndef LIB_STORE_SEARCH_H
#define LIB_STORE_SEARCH_H

#include "lib/answer.h"

// A row for each hit, best first; behind an answer's columns the marked text: SEARCH_BEGIN stands before and SEARCH_END
// behind each word that matched. The body is the hit's message and stream. With `audience`, a stream, only what
// everybody who reads that stream may read. No hits: one row without a body.
enum { SEARCH_SNIPPET = ANSWER_COLUMNS };
// Of more matches only the newest are compared with each other: an old one would have to fit far better to be shown.
#define SEARCH_RANKED "2000"
#define SEARCH_BEGIN '\x02'
#define SEARCH_END '\x03'

MUST_USE struct answer store_search(struct pg *pg, const struct caller *caller, const char *words, const char *audience,
                                    const char *limit);

#endif
