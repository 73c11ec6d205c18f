// What an error of PostgreSQL means for whoever ran the statement.
#ifndef LIB_PG_VERDICT_H
#define LIB_PG_VERDICT_H

#include "lib/pg.h"

struct pg_verdict {
    const char *state; // an SQLSTATE, or what it begins with
    enum pg_outcome outcome;
    bool disconnects; // the connection is of no more use
};

// Of any SQLSTATE.
const struct pg_verdict *pg_verdict_of(const char *state);

#endif
