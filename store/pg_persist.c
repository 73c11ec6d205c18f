// SPDX-License-Identifier: Apache-2.0
// Running statements again when a race was lost (store/pg.h).
#include "store/pg.h"

enum pg_outcome pg_persist(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                           struct pg_result **rows)
{
    enum pg_outcome outcome = PG_AGAIN;
    for (int i = 0; i < PG_TRIES && outcome == PG_AGAIN; i++)
        outcome = pg_run(pg, statement, n, params, rows);
    return outcome;
}

enum pg_outcome pg_persist_all(struct pg *pg, struct pg_call calls[], int n)
{
    enum pg_outcome outcome = PG_AGAIN;
    for (int i = 0; i < PG_TRIES && outcome == PG_AGAIN; i++)
        outcome = pg_pipeline(pg, calls, n);
    return outcome;
}
