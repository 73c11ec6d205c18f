// SPDX-License-Identifier: Apache-2.0
// Waiting on a connection to PostgreSQL, up to a moment on the monotonic clock; INT64_MAX is for ever. For programs
// that work one request at a time (store/pg.h); the pusher has its loop.
#ifndef STORE_PG_WAIT_H
#define STORE_PG_WAIT_H

#include <libpq-fe.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/must.h"

// Until the descriptor is ready, the time has come or a signal arrives.
void pg_wait_for(struct pollfd *ready, int64_t until_ns);

// Sends what is unsent, and waits until PQgetResult() would not wait: for a result, or for an error that it reports.
// False: the time is over.
MUST_USE bool pg_wait_result(PGconn *conn, int64_t until_ns);

// Whether an idle connection can be used. It sends nothing: if it is readable, the server has closed it or is about to.
// Noticed before a statement is sent, that causes no error.
MUST_USE bool pg_wait_is_alive(PGconn *conn);

#endif
