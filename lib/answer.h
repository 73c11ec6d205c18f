// What a statement of the conversation answers: an HTTP status, the code of a problem, and a printed body, its first
// three columns. Everything else in the rows belongs to the verb: a write's rows also say what to tell (lib/told.h).
#ifndef LIB_ANSWER_H
#define LIB_ANSWER_H

#include "lib/pg.h"

// Who asks, as the statements take it: their first parameters.
struct caller {
    const char *secret;
    const char *program; // "t": a token's secret, "f": a cookie's
    const char *workspace;
};

// The views live until answer_fini().
struct answer {
    PGresult *rows;
    int code;
    struct str problem; // absent: the status says enough
    struct str body;
};

enum { ANSWER_CODE, ANSWER_PROBLEM, ANSWER_BODY, ANSWER_COLUMNS };

// Runs the statement, again if it lost a race (code 0 or PG_AGAIN), three times at most: then PG_DOWN.
MUST_USE enum pg_outcome answer_run(struct pg *pg, const struct pg_statement *statement, int n,
                                    const char *const params[], struct answer *answer);
void answer_fini(struct answer *answer);

#endif
