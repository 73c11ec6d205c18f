// SPDX-License-Identifier: Apache-2.0
// What an error of PostgreSQL means for the program that ran the statement.
#ifndef STORE_PG_VERDICT_H
#define STORE_PG_VERDICT_H

#include <libpq-fe.h>
#include "store/pg.h"

struct pg_verdict {
    const char *state; // an SQLSTATE, or what it begins with
    enum pg_outcome outcome;
    bool disconnects; // the connection is of no more use
};

// The verdict on any SQLSTATE; never NULL.
const struct pg_verdict *pg_verdict_of(const char *state);

// The part of a statement's error that may be logged. Details, and messages about a value, quote what people wrote.
const char *pg_verdict_text(const PGresult *error, enum pg_outcome outcome);

#endif
