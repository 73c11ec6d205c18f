// SPDX-License-Identifier: Apache-2.0
#include "store/health.h"

#include "base/must.h"
#include "store/schema_release.h"
#include "store/statement.h"

// Counted, because a migration of a lower number may have been released later than one of a higher number.
static const struct pg_statement health PG_STATEMENT = {
    "health",
    "SELECT NOT pg_is_in_recovery(),\n"
    "       (SELECT count(*) FROM schema_migrations WHERE number <= $1::integer) >= $2::integer",
};

enum store_health store_health(struct pg *pg)
{
    static const char *const release[] = {SCHEMA_RELEASE_LATEST, SCHEMA_RELEASE_COUNT};
    struct store_answer answer = store_statement_list(pg, &health, 2, release);
    enum store_health state = STORE_SICK;
    if (store_answer_rows(&answer) == 1 && pg_bool(answer.rows, 0, 0))
        state = pg_bool(answer.rows, 0, 1) ? STORE_HEALTHY : STORE_SCHEMA_BEHIND;
    store_answer_fini(&answer);
    return state;
}
