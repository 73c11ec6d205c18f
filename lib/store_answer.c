#include "lib/store_answer.h"

#include "lib/log.h"

int store_answer(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                 PGresult **rows)
{
    for (int tries = 0; tries < STORE_TRIES; tries++) {
        enum pg_outcome outcome = pg_run(pg, statement, n, params, rows);
        if (outcome == PG_AGAIN)
            continue;
        if (outcome != PG_OK)
            return 503;
        int answer = (int)pg_i64(*rows, 0, 0);
        if (answer)
            return answer;
        PQclear(*rows);
        *rows = NULL;
    }
    log_warning("%s lost %d races in a row", statement->name, STORE_TRIES);
    return 503;
}
