// SPDX-License-Identifier: Apache-2.0
// What the database's answers do to the rooms. The questions are sse/queries.h.
#ifndef SSE_ANSWERS_H
#define SSE_ANSWERS_H

#include "sse/queries.h"

void answers_take(const struct query *query, struct pusher *p, const struct pg_result *rows);

#endif
