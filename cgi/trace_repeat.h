// SPDX-License-Identifier: Apache-2.0
// Whether a line of a batch repeats an earlier one of the same step, by the rules of
// migrations/functions/repeats.sql, which compares writes with what the database has.
#ifndef CGI_TRACE_REPEAT_H
#define CGI_TRACE_REPEAT_H

#include "cgi/request.h"
#include "store/batch.h"

// What a line says of a step.
enum trace_repeat_part {
    REPEAT_BEGINNING = 1, // what only a start says
    REPEAT_CONTENT = 2,
    REPEAT_ENDING = 4, // what only an end says
    REPEAT_MORE = 8,
};

// 409: a write says of a step that is there already what would be lost.
int trace_repeat_conflict(struct request *r);

// Does `said` say something of these parts that `held` does not say?
bool trace_repeat_differs(const struct store_step_input *held, const struct store_step_input *said, unsigned parts);

// 0 if it says nothing else: a repeat. Else the status of a problem, with `fields`; of two that differ only in what was
// taken out of them, these fields.
MUST_USE int trace_repeat_check(struct request *r, const struct store_step_input *held,
                                const struct store_step_mark *held_mark, const struct store_step_input *said,
                                const struct store_step_mark *said_mark, unsigned parts);

#endif
