// SPDX-License-Identifier: Apache-2.0
#include "store/statement.h"

#include <assert.h>
#include "base/log.h"

struct store_answer store_statement_decide(struct pg *pg, const struct pg_statement *statement, int n,
                                           const char *const params[])
{
    for (int i = 0; i < PG_TRIES; i++) {
        struct pg_result *rows = NULL;
        enum pg_outcome outcome = pg_run(pg, statement, n, params, &rows);
        if (outcome != PG_OK && outcome != PG_AGAIN)
            return (struct store_answer){.outcome = store_statement_failed(outcome, statement)};
        int decided = pg_rows(rows) > 0 ? (int)pg_i64(rows, 0, ANSWER_OUTCOME) : 0;
        if (decided)
            return (struct store_answer){(enum store_outcome)decided, rows};
        pg_clear(rows);
    }
    return (struct store_answer){.outcome = store_statement_failed(PG_AGAIN, statement)};
}

struct store_answer store_statement_list(struct pg *pg, const struct pg_statement *statement, int n,
                                         const char *const params[])
{
    struct pg_result *rows = NULL;
    enum pg_outcome outcome = pg_persist(pg, statement, n, params, &rows);
    if (outcome != PG_OK)
        return (struct store_answer){.outcome = store_statement_failed(outcome, statement)};
    return (struct store_answer){STORE_OK, rows};
}

struct store_answer store_statement_find(struct pg *pg, const struct pg_statement *statement, int n,
                                         const char *const params[])
{
    struct store_answer answer = store_statement_list(pg, statement, n, params);
    if (answer.outcome == STORE_OK && store_answer_rows(&answer) == 0) {
        store_answer_fini(&answer);
        answer.outcome = STORE_NOT_FOUND;
    }
    return answer;
}

enum store_outcome store_statement_number(struct pg *pg, const struct pg_statement *statement, int n,
                                          const char *const params[], int64_t *number)
{
    struct store_answer answer = store_statement_find(pg, statement, n, params);
    enum store_outcome outcome = answer.outcome;
    *number = outcome == STORE_OK ? pg_i64(answer.rows, 0, 0) : 0;
    store_answer_fini(&answer);
    return outcome;
}

enum store_outcome store_statement_failed(enum pg_outcome outcome, const struct pg_statement *statement)
{
    static const enum store_outcome outcomes[] = {
        [PG_AGAIN] = STORE_DOWN, [PG_REFUSED] = STORE_UNFIT, [PG_DOWN] = STORE_DOWN, [PG_BROKEN] = STORE_BROKEN};
    assert(outcome != PG_OK);
    if (outcome == PG_AGAIN)
        log_error("statement %s lost a race %d times and was given up", statement->name, PG_TRIES);
    return outcomes[outcome];
}
