// SPDX-License-Identifier: Apache-2.0
// How often an outage of the database is logged: when it is first noticed, and then once a minute for as long as it
// lasts. A database that comes back and goes again is no reason for another line within that minute. That it is back is
// logged once after each such line. Pure: the caller has the clock and writes the lines.
#ifndef STORE_PG_OUTAGE_H
#define STORE_PG_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

enum { PG_OUTAGE_LINE_EVERY_S = 60 };

// All zeros: nothing has happened yet.
struct pg_outage {
    int64_t began_ns; // of the outage that lasts; 0: none does
    int64_t line_ns;  // of the last line; 0: there was none
    bool is_open;     // nothing has been logged since that line
    bool is_muted;    // nothing is logged
};

// The database could not be reached, or was lost in the middle of a statement. True: log it.
bool pg_outage_noticed(struct pg_outage *outage, int64_t now_ns);

// A connection was made. True: log that the database is back; *lasted_ns says how long it was away.
bool pg_outage_ended(struct pg_outage *outage, int64_t now_ns, int64_t *lasted_ns);

#endif
