// Running a statement that decides. It authorises, decides and acts at once, and says what came of it in its first
// column, as the HTTP status that it means: 200, 201, 401, 403, 404, 409 … 0 says that a race was lost and everything
// is as it was: the statement runs again. How its SQL tells who asks is lib/store_caller.h, or who_calls() in
// migrations/0004_access.sql.
#ifndef LIB_ANSWER_H
#define LIB_ANSWER_H

#include "lib/pg.h"

// Who asks. Beginning of every statement's parameters.
struct caller {
    const char *secret;
    const char *program; // "t": a token's secret, "f": a cookie's
    const char *workspace;
};

// Beside what statements answer themselves.
enum { ANSWER_UNFIT = 422, ANSWER_BROKEN = 500, ANSWER_DOWN = 503 };

struct answer {
    int code;
    PGresult *rows; // NULL if the code is one of the three above
};

// `code` is a statement's own, or ANSWER_UNFIT: the schema refuses a value, nothing changed; or ANSWER_BROKEN: a
// defect, nothing changed; or ANSWER_DOWN: no database, or every race was lost. The caller ends it with answer_fini().
MUST_USE struct answer answer_run(struct pg *pg, const struct pg_statement *statement, int n,
                                  const char *const params[]);
void answer_fini(struct answer *answer);

// The code where an outcome is not PG_OK, for statements that are not run by answer_run().
int answer_failed(enum pg_outcome outcome, const struct pg_statement *statement);

// The first columns of the conversation's statements (workspace-api). Everything else in the rows belongs to the verb:
// a write's rows also say what to tell (lib/told.h).
enum { ANSWER_CODE, ANSWER_PROBLEM, ANSWER_BODY, ANSWER_COLUMNS };

// The code of a problem, absent where the status says enough; a printed body. The views live until answer_fini().
struct str answer_problem(const struct answer *answer);
struct str answer_body(const struct answer *answer);

#endif
