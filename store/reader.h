// SPDX-License-Identifier: Apache-2.0
// Where lists, search and statistics are read. If a standby is configured and has replayed all that the primary had
// committed when the request came, it is read; otherwise, or if it fails, the primary. So no answer lacks what anybody
// had been told is written, and a right that has ended is never in force. What makes a room live is read from the
// primary alone, because it must not be older than the counters of the door.
#ifndef STORE_READER_H
#define STORE_READER_H

#include <stdint.h>
#include "store/answer.h"
#include "store/pg.h"

enum reader_server { READER_STANDBY, READER_PRIMARY, READER_SERVER__MAX };

struct store_reader;

// What is known of the standby, and how often each server was read, is shared by a program's workers. Called once,
// before they are forked.
void store_reader_init(void);

// `pg` is the primary, and stays the caller's. `url`: of the standby; "": there is none, and the rest is not used.
// Never NULL.
struct store_reader *store_reader_new(struct pg *pg, const char *url, const char *application, int64_t deadline_ms);
void store_reader_free(struct store_reader *reader);

// As store_statement_decide(), for a statement that changes nothing.
MUST_USE struct store_answer store_reader_decide(struct store_reader *reader, const struct pg_statement *statement,
                                                 int n, const char *const params[]);

// How often that server was read, by all workers.
int64_t store_reader_count(enum reader_server server);

#endif
