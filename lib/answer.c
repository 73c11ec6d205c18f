#include "lib/answer.h"

#include "lib/log.h"

enum { TRIES = 3 };

enum pg_outcome answer_run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                           struct answer *answer)
{
    *answer = (struct answer){0};
    for (int i = 0; i < TRIES; i++) {
        enum pg_outcome outcome = pg_run(pg, statement, n, params, &answer->rows);
        if (outcome == PG_AGAIN)
            continue;
        if (outcome != PG_OK)
            return outcome;
        if (PQntuples(answer->rows) > 0)
            answer->code = (int)pg_i64(answer->rows, 0, ANSWER_CODE);
        if (answer->code) {
            answer->problem = pg_str(answer->rows, 0, ANSWER_PROBLEM);
            answer->body = pg_str(answer->rows, 0, ANSWER_BODY);
            return PG_OK;
        }
        answer_fini(answer);
    }
    log_error("%s lost every race", statement->name);
    return PG_DOWN;
}

void answer_fini(struct answer *answer)
{
    PQclear(answer->rows);
    *answer = (struct answer){0};
}
