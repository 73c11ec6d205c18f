// SPDX-License-Identifier: Apache-2.0
// Statistics of a workspace: sums over hours, which the sweeper keeps, and what they say to a reader, who is told of
// sessions that he may read and of no others. How they are counted is migrations/functions/statistics.sql.
#ifndef STORE_STATISTICS_H
#define STORE_STATISTICS_H

#include <stdint.h>
#include "store/answer.h"

struct store_statistics_query {
    const char *by;               // hour, day, persona, stream or model; or a part of sessions: tool, error or call
    const char *from_us, *to_us;  // microseconds since 1970, whole hours
    const char *time_zone;        // of days
    const char *persona, *stream; // NULL: all
    const char *model;            // of sessions; NULL: all
    const char *limit;
};

// OK with the members of an object as a body (store_answer_body()), MISFIT (no such time zone), or a refusal.
MUST_USE struct store_answer store_statistics_sessions(struct store_reader *reader, const struct caller *caller,
                                                       const struct store_statistics_query *query);
MUST_USE struct store_answer store_statistics_parts(struct store_reader *reader, const struct caller *caller,
                                                    const struct store_statistics_query *query);

// For the sweeper: counts some of the sessions that wait to be counted anew, or, where none does, sums some days.
// *counted: how many; 0: there is nothing to do now.
MUST_USE enum store_outcome store_statistics_roll_up(struct pg *pg, int64_t *counted);

#endif
