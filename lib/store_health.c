#include "lib/store_health.h"

static const struct pg_statement health PG_STATEMENT = {
    "health",
    "SELECT NOT pg_is_in_recovery()",
};

bool store_health(struct pg *pg)
{
    PGresult *rows;
    if (pg_run(pg, &health, 0, NULL, &rows) != PG_OK)
        return false;
    bool takes_writes = PQntuples(rows) == 1 && pg_bool(rows, 0, 0);
    PQclear(rows);
    return takes_writes;
}
