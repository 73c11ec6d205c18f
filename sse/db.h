// The pusher's link to PostgreSQL: one connection, asynchronous, one question at a time. While one is on its way, what
// the rooms want gathers, and the next question is for all of them: a storm costs few queries, whatever its size. Away,
// the link comes back by itself, and everything that was asked is asked again.
#ifndef SSE_DB_H
#define SSE_DB_H

#include <stdbool.h>
#include "sse/pusher.h"

struct db;

struct db *db_new(struct pusher *p, const char *url, int64_t check_ms);
void db_free(struct db *db);
bool db_is_up(const struct db *db);
// The loop's turn: connects when it is time, sends the next question if there is one.
void db_step(struct db *db);
// The descriptor of the link has something.
void db_ready(struct db *db, uint32_t events);
// In how many milliseconds db_step has something to do, at most `most`.
int db_timeout_ms(const struct db *db, int most);

#endif
