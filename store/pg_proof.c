// SPDX-License-Identifier: Apache-2.0
#include "store/pg_proof.h"

#include "base/clock.h"
#include "store/pg_wait.h"

// A transaction of its own that has written something, without which its commit waits for nobody. Its answer is whether
// it may be believed. Where commits wait for a standby and none is there, it does not wait for one either: whoever
// waits in a commit does not notice that its client has left, and would keep the backend until a standby comes.
static const char nothing[] =
    "SELECT pg_logical_emit_message(true, 'agent-trace', ''),\n"
    "       current_setting('synchronous_standby_names') = '' OR EXISTS (SELECT FROM pg_stat_get_wal_senders())\n"
    "       OR set_config('synchronous_commit', 'local', true) IS NULL";

static bool is_confirmed(PGconn *conn)
{
    int64_t until_ns = clock_mono_ns() + PG_PROOF_MOST_MS * INT64_C(1000000);
    if (!PQsendQuery(conn, nothing))
        return false;
    bool is_done = false;
    for (;;) {
        if (!pg_wait_result(conn, until_ns))
            return false;
        PGresult *result = PQgetResult(conn);
        if (!result)
            return is_done;
        is_done = PQresultStatus(result) == PGRES_TUPLES_OK && PQgetvalue(result, 0, 1)[0] == 't';
        PQclear(result);
    }
}

bool pg_proof_stands(struct pg_proof *proof, PGconn *conn, int64_t now_ns)
{
    bool was_idle = now_ns - proof->used_ns >= PG_PROOF_IDLE_MS * INT64_C(1000000);
    if (proof->is_wanted && was_idle && PQtransactionStatus(conn) == PQTRANS_IDLE && !is_confirmed(conn))
        return false;
    proof->used_ns = now_ns;
    return true;
}
