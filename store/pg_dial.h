// SPDX-License-Identifier: Apache-2.0
// Connecting to the first server of a URL that will do, without waiting: for programs that poll, and for those that
// wait around it. libpq by itself looks names up while its caller waits, and when it polls it never leaves a server
// that is silent. So each server is tried by itself, its name looked up beforehand (base/lookup.h), and the next one
// has its turn when it refuses, is not what `target_session_attrs` asks for, or is silent. Running statements is
// store/pg.h.
#ifndef STORE_PG_DIAL_H
#define STORE_PG_DIAL_H

#include <libpq-fe.h>
#include <stdint.h>
#include "base/must.h"

// How long a server of several may be silent; and the only one, as there is nobody else to ask.
enum { PG_DIAL_EACH_MS = 1500, PG_DIAL_ONLY_MS = 3000 };

enum pg_dial_state {
    PG_DIAL_WAITS,  // for pg_dial_fd(), or for pg_dial_until_ns()
    PG_DIAL_DONE,   // pg_dial_take() has the connection
    PG_DIAL_FAILED, // all servers had their turn: pg_dial_error() says why the last one will not do
};

struct pg_dial;

// `settings`: those that a connection begins with; the URL's own win (store/pg_options.h). `application` is kept, not
// copied. Never NULL.
struct pg_dial *pg_dial_new(const char *url, const char *application, const char *settings);
void pg_dial_free(struct pg_dial *dial);

// Begins a round over all servers with the one that was connected last, or with the one behind it if that was lost.
void pg_dial_start(struct pg_dial *dial, int64_t now_ns);
// Goes on after pg_dial_start(), whenever the descriptor is ready or the time has come; at other times it does nothing.
MUST_USE enum pg_dial_state pg_dial_step(struct pg_dial *dial, int64_t now_ns);
// While it waits: the descriptor, which may be another one after each step, and what of: POLLIN or POLLOUT.
int pg_dial_fd(const struct pg_dial *dial);
short pg_dial_events(const struct pg_dial *dial);
int64_t pg_dial_until_ns(const struct pg_dial *dial); // CLOCK_MONOTONIC
// The connection, which the caller finishes.
PGconn *pg_dial_take(struct pg_dial *dial);
// The connection that was taken has broken, been silent, or is to a server that takes no writes any more.
void pg_dial_lost(struct pg_dial *dial);
// Valid until the next start.
const char *pg_dial_error(const struct pg_dial *dial);

#endif
