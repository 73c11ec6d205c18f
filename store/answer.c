// SPDX-License-Identifier: Apache-2.0
#include "store/answer.h"

#include "store/pg.h"
#include "store/pg_value.h"

void store_answer_fini(struct store_answer *answer)
{
    pg_clear(answer->rows);
    *answer = (struct store_answer){0};
}

int store_answer_rows(const struct store_answer *answer)
{
    return pg_rows(answer->rows);
}

struct str store_answer_problem(const struct store_answer *answer)
{
    return pg_str(answer->rows, 0, ANSWER_PROBLEM);
}

struct str store_answer_body(const struct store_answer *answer)
{
    return pg_str(answer->rows, 0, ANSWER_BODY);
}
