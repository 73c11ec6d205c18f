// SPDX-License-Identifier: Apache-2.0
// Whether a database is what it says: a copy that was restored elsewhere is not to be worked with (store/epoch.h).
#ifndef STORE_PG_COPY_H
#define STORE_PG_COPY_H

#include <libpq-fe.h>
#include "base/must.h"

// Asks over a new connection. NULL: it may be used. Otherwise why not, in words for the log.
MUST_USE const char *pg_copy_refused(PGconn *conn);
// From now on this process works with copies, too.
void pg_copy_allow(void);

#endif
