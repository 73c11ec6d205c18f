// SPDX-License-Identifier: Apache-2.0
// Running a statement and making its rows an answer: for the files of the store alone. A statement that decides
// authorises, decides and acts at once, and answers a number of enum store_outcome in its first column. 0 there says
// that a race was lost and everything is as it was: the statement runs again. How its SQL tells who is asking is
// store/caller.h, or who_calls() in migrations/functions/access.sql.
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include "store/answer.h"
#include "store/pg.h"
#include "store/pg_value.h"

// A statement that decides.
MUST_USE struct store_answer store_statement_decide(struct pg *pg, const struct pg_statement *statement, int n,
                                                    const char *const params[]);

// A statement whose rows are the answer: STORE_OK if there are any, otherwise STORE_NOT_FOUND, which has no rows
// either.
MUST_USE struct store_answer store_statement_find(struct pg *pg, const struct pg_statement *statement, int n,
                                                  const char *const params[]);

// The same, for a list, which may be empty: STORE_OK.
MUST_USE struct store_answer store_statement_list(struct pg *pg, const struct pg_statement *statement, int n,
                                                  const char *const params[]);

// A statement that finds one number: STORE_OK with the first column of the first row, otherwise *number is 0.
MUST_USE enum store_outcome store_statement_number(struct pg *pg, const struct pg_statement *statement, int n,
                                                   const char *const params[], int64_t *number);

// What an outcome other than PG_OK is to the store's callers, for what none of these functions runs.
enum store_outcome store_statement_failed(enum pg_outcome outcome, const struct pg_statement *statement);

#endif
