// SPDX-License-Identifier: Apache-2.0
// What is asked of the database on behalf of the rooms. What the answers do to them is sse/answers.h; the connection,
// and when a query is sent, is sse/db.h; the statements are store/room.h and store/pusher.h.
#ifndef SSE_QUERIES_H
#define SSE_QUERIES_H

#include "store/pusher.h"
#include "store/room.h"
#include "sse/pusher.h"

enum { QUERY_ROOMS_MAX = 64, QUERY_CHECKED_MAX = 1024, QUERY_PARAMS = 5 };

// A query that is under way. It keeps rooms by name, as one may be gone when the answer comes.
struct query {
    enum query_kind kind;
    const struct pg_statement *statement;
    unsigned rooms_n;
    bool is_single;     // of a room whose queries have failed: it is alone
    struct buf names;   // one after the other, each with a NUL
    struct buf numbers; // int64_t, parallel to the names
    struct buf steps;   // of contents: their ids, likewise, each with a NUL
    int64_t span;       // events: how many numbers behind each are wanted
    int64_t since_us;   // revocations: as old as that
    int n;
    struct buf params[QUERY_PARAMS];
};

void queries_fini(struct query *query);
// Makes the query that the rooms want most. False if there is nothing to ask now; *again_ms then says in how many
// milliseconds there may be (-1: not known).
bool queries_gather(struct query *query, struct pusher *p, int *again_ms);
// Compares the counters of watched rooms, a slice of the table at a time from *next on; *next is 0 once all have had
// their turn.
bool queries_check(struct query *query, struct pusher *p, size_t *next);
// Reads what has since then been told by hints alone, so that a lost last hint is made up for. Times are wall clock.
void queries_news(struct query *query, int64_t since_us);
void queries_revoked(struct query *query, int64_t since_us);
void queries_clock(struct query *query);

// An answer has come.
void queries_succeeded(const struct query *query, struct pusher *p);
// No answer will come. The rooms ask again, each alone, and with growing pauses as long as that fails, too.
void queries_failed(const struct query *query, struct pusher *p);

#endif
