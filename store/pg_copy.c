// SPDX-License-Identifier: Apache-2.0
#include "store/pg_copy.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "base/clock.h"
#include "store/pg_wait.h"

static const int64_t MOST_NS = INT64_C(3000000000);

static bool is_allowed;

void pg_copy_allow(void)
{
    is_allowed = true;
}

const char *pg_copy_refused(PGconn *conn)
{
    int64_t until_ns = clock_mono_ns() + MOST_NS;
    if (is_allowed)
        return NULL;
    if (!PQsendQuery(conn, "SELECT epoch_holds()"))
        return PQerrorMessage(conn);
    // The function of migrations/functions/epoch.sql is missing while the schema is behind: then nothing is compared.
    bool is_copy = false;
    for (;;) {
        if (!pg_wait_result(conn, until_ns))
            return "the server was silent when it was asked for the database's epoch";
        PGresult *result = PQgetResult(conn);
        if (!result)
            break;
        if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
            is_copy = strcmp(PQgetvalue(result, 0, 0), "t") != 0;
        PQclear(result);
    }
    return is_copy ? "it is a restored copy of another one: run trace-admin after-restore" : NULL;
}
