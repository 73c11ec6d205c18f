// SPDX-License-Identifier: Apache-2.0
// The sessions that a caller may read, sorted, filtered and page by page. One statement a page; what it does is
// migrations/functions/session_list.sql.
#ifndef STORE_SESSION_LIST_H
#define STORE_SESSION_LIST_H

#include "store/answer.h"

// Times are microseconds since 1970. What is NULL, STR_NONE or LIST_ANY_TIME filters nothing.
#define LIST_ANY_TIME INT64_MIN
struct store_list_query {
    struct str statuses; // with commas between them
    struct str stream;   // of a channel its threads, too
    struct str persona, model, tag, external_id;
    struct str rating;      // up, down, any
    int64_t from_us, to_us; // begun at or after the one, and before the other
    struct str text;        // in its title, its persona's name or what triggered it; only where sorted by "started"
    struct str sort;        // started, duration, tokens, cost
    bool is_ascending;
    int64_t at_us; // when the first page was read
    // The place behind which the page begins: of an item of the page before. Without an id: the first page.
    int64_t after_rank;
    struct str after_key, after_id;
    int64_t limit;
    bool counts; // the answer also says how many there are
};

// OK, STRANGER, FORBIDDEN, NOT_FOUND. At most limit + 1 items: one more says that there are more.
MUST_USE struct store_answer store_session_list(struct store_reader *reader, const struct caller *caller,
                                                const struct store_list_query *query);

struct store_list_item {
    struct str session; // printed. STR_NONE in the last item: the text was looked for up to this place, and no further
    struct str key, id; // with `rank` its place
    int64_t rank;
};
// How many items there are, and each of them.
int store_session_list_length(const struct store_answer *answer);
void store_session_list_read(const struct store_answer *answer, int row, struct store_list_item *item);

// Of a query that counts: how many sessions there are on all pages; true: at least so many.
bool store_session_list_total(const struct store_answer *answer, int64_t *total);

#endif
