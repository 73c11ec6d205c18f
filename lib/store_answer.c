#include "lib/store_answer.h"

#include "lib/answer.h"

int store_answer(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                 PGresult **rows)
{
    struct answer answer;
    if (answer_run(pg, statement, n, params, &answer) != PG_OK)
        return 503;
    *rows = answer.rows;
    return answer.code;
}
