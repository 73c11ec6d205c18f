// SPDX-License-Identifier: Apache-2.0
// The pusher's link to PostgreSQL: one asynchronous connection with one query at a time. While a query is under way the
// wishes of the rooms gather, and the next query serves all of them, so a storm of any size costs few queries. After a
// loss the link restores itself and asks every unanswered query again. What the queries say is in sse/queries.h.
#ifndef SSE_DB_H
#define SSE_DB_H

#include <stdbool.h>
#include "sse/pusher.h"

struct db;

// A query that has no answer after `deadline_ms` loses the link.
struct db *db_new(struct pusher *p, const char *url, int64_t check_ms, int64_t deadline_ms);
void db_free(struct db *db);
bool db_is_up(const struct db *db);
// Called in each turn of the loop: connects when it is time, and sends the next query if there is one.
void db_step(struct db *db);
// epoll has reported `events` for the link's descriptor.
void db_ready(struct db *db, uint32_t events);
// How many milliseconds from now db_step() may have something to do, at most `most`.
int db_timeout_ms(const struct db *db, int most);

#endif
