// SPDX-License-Identifier: Apache-2.0
#include "store/pg_verdict.h"

#include <string.h>
#include "base/log.h"

// PostgreSQL, appendix A. The first that the state begins with.
static const struct pg_verdict verdicts[] = {
    {"23505", PG_AGAIN, false}, // the key came meanwhile
    {"40001", PG_AGAIN, false}, // could not serialise
    {"40P01", PG_AGAIN, false}, // deadlock
    {"0A000", PG_AGAIN, true},  // a migration changed what the cached plan returns
    {"26", PG_AGAIN, true},     // the server does not know the statement
    {"22", PG_REFUSED, false},  // a value is no number, too long …
    {"23", PG_REFUSED, false},  // a constraint
    {"54", PG_REFUSED, false},  // a limit of the server's
    {"08", PG_DOWN, true},      // the link
    {"25006", PG_DOWN, true},   // a standby
    {"25P03", PG_DOWN, true},   // idle in a transaction for too long
    {"40", PG_DOWN, false},     // rolled back otherwise
    {"53", PG_DOWN, false},     // disk, memory, connections
    {"55P03", PG_DOWN, false},  // a lock not given in time
    {"57P", PG_DOWN, true},     // shuts down, has crashed, starts
    {"57", PG_DOWN, false},     // cancelled, or not in time
    {"58", PG_DOWN, false},     // the operating system under it
    {"", PG_BROKEN, false},
};

const struct pg_verdict *pg_verdict_of(const char *state)
{
    const struct pg_verdict *verdict = verdicts;
    while (strncmp(state, verdict->state, strlen(verdict->state)) != 0)
        verdict++;
    return verdict;
}

const char *pg_verdict_text(const PGresult *error, enum pg_outcome outcome)
{
    const char *text =
        PQresultErrorField(error, outcome == PG_REFUSED ? PG_DIAG_CONSTRAINT_NAME : PG_DIAG_MESSAGE_PRIMARY);
    return text ? text : "";
}

void pg_remark(void *unused, const PGresult *remark)
{
    (void)unused;
    const char *text = PQresultErrorField(remark, PG_DIAG_MESSAGE_PRIMARY);
    log_debug("notice from the database: %s", text ? text : "without a text");
}
