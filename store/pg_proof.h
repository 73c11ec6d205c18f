// SPDX-License-Identifier: Apache-2.0
// Whether the server of a connection that was idle still is the primary. A server that stands still (its machine is
// frozen, or the network is cut) is replaced, and when it goes on it answers from what it had until somebody ends it.
// It does not know that itself, but its standbys follow another one by then: a commit of nothing, which none of them
// confirms, tells; and so does that none is there, at once. Where commits do not wait for a standby this tells nothing,
// and costs a round trip.
#ifndef STORE_PG_PROOF_H
#define STORE_PG_PROOF_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/must.h"

// A server that answered less than PG_PROOF_IDLE_MS ago has no successor: that is the least which is left of a
// primary's lease (conf/cluster/patroni.yml.in: ttl, less loop_wait and retry_timeout). PG_PROOF_MOST_MS: for the
// confirmation by a standby that is there, or seems to be: the server notices after `wal_sender_timeout` that one is
// silent.
enum { PG_PROOF_IDLE_MS = 3000, PG_PROOF_MOST_MS = 1000 };

struct pg_proof {
    bool is_wanted;  // pg_options_finds_primary()
    int64_t used_ns; // CLOCK_MONOTONIC: the connection was made then, or something was asked which has been answered
};

// Whether something may be asked now; then that is its last use. Outside of a transaction the server is asked before,
// if the connection was idle. False: it has not confirmed, and since that may still come, the connection is of no more
// use.
MUST_USE bool pg_proof_stands(struct pg_proof *proof, PGconn *conn, int64_t now_ns);

#endif
