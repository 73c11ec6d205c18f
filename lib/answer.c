#include "lib/answer.h"

#include <assert.h>
#include "lib/log.h"

struct answer answer_run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[])
{
    for (int i = 0; i < PG_TRIES; i++) {
        struct answer answer = {0};
        enum pg_outcome outcome = pg_run(pg, statement, n, params, &answer.rows);
        if (outcome != PG_OK && outcome != PG_AGAIN)
            return (struct answer){.code = answer_failed(outcome, statement)};
        if (outcome == PG_OK && PQntuples(answer.rows) > 0)
            answer.code = (int)pg_i64(answer.rows, 0, ANSWER_CODE);
        if (answer.code)
            return answer;
        answer_fini(&answer);
    }
    return (struct answer){.code = answer_failed(PG_AGAIN, statement)};
}

int answer_failed(enum pg_outcome outcome, const struct pg_statement *statement)
{
    static const int codes[] = {
        [PG_AGAIN] = ANSWER_DOWN, [PG_REFUSED] = ANSWER_UNFIT, [PG_DOWN] = ANSWER_DOWN, [PG_BROKEN] = ANSWER_BROKEN};
    assert(outcome != PG_OK);
    if (outcome == PG_AGAIN)
        log_error("%s lost every race", statement->name);
    return codes[outcome];
}

void answer_fini(struct answer *answer)
{
    PQclear(answer->rows);
    *answer = (struct answer){0};
}

struct str answer_problem(const struct answer *answer)
{
    return pg_str(answer->rows, 0, ANSWER_PROBLEM);
}

struct str answer_body(const struct answer *answer)
{
    return pg_str(answer->rows, 0, ANSWER_BODY);
}
