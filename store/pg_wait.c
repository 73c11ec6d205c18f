// SPDX-License-Identifier: Apache-2.0
#include "store/pg_wait.h"

#include "base/clock.h"

void pg_wait_for(struct pollfd *ready, int64_t until_ns)
{
    int64_t left_ns = until_ns - clock_mono_ns();
    (void)poll(ready, 1, until_ns == INT64_MAX ? -1 : left_ns <= 0 ? 0 : (int)(left_ns / 1000000) + 1);
}

bool pg_wait_result(PGconn *conn, int64_t until_ns)
{
    for (;;) {
        int unsent = PQflush(conn);
        if (unsent < 0 || (!unsent && !PQisBusy(conn)))
            return true;
        if (clock_mono_ns() >= until_ns)
            return false;
        struct pollfd ready = {PQsocket(conn), unsent ? POLLIN | POLLOUT : POLLIN, 0};
        pg_wait_for(&ready, until_ns);
        if ((ready.revents & ~POLLOUT) && !PQconsumeInput(conn))
            return true;
    }
}

bool pg_wait_is_alive(PGconn *conn)
{
    struct pollfd idle = {.fd = PQsocket(conn), .events = POLLIN};
    if (PQstatus(conn) != CONNECTION_OK || idle.fd < 0)
        return false;
    while (PQstatus(conn) == CONNECTION_OK && PQtransactionStatus(conn) == PQTRANS_IDLE && poll(&idle, 1, 0) > 0)
        (void)PQconsumeInput(conn);
    return PQstatus(conn) == CONNECTION_OK;
}
