// SPDX-License-Identifier: Apache-2.0
// Reading a whole session, page by page, each page a statement of its own that authorises again: what has been sent
// lies in no snapshot, and whoever loses the right to read loses it between two pages. Steps come whole and in the
// order of their numbers, which never changes and has no holes; the first page says up to which number.
#ifndef STORE_EXPORT_H
#define STORE_EXPORT_H

#include "store/answer.h"
#include "store/step_json.h"

// The steps behind the number `after` and up to `upto`, or as many of them as make about a mebibyte; at least one.
// OK, STRANGER, FORBIDDEN, NOT_FOUND.
MUST_USE struct store_answer store_export_page(struct pg *pg, const struct caller *caller, const char *session,
                                               int64_t after, int64_t upto);

struct store_export_head {
    struct str session; // printed
    bool has_ended;
    int64_t step_count; // the last number
    int steps;          // on this page
};
void store_export_read(const struct store_answer *answer, struct store_export_head *head);

struct store_export_step {
    struct step_row step;
    struct str input, output; // printed JSON; they stand in step.more_whole, too
};
void store_export_read_step(const struct store_answer *answer, int i, struct store_export_step *step);

#endif
