// The schema's history: which migrations a database has, and applying the next one. Which files there are is the
// caller's part.
#ifndef LIB_STORE_MIGRATE_H
#define LIB_STORE_MIGRATE_H

#include "lib/pg.h"
#include "lib/store.h"

// Takes the lock under which migrations are applied, held until the connection ends, and makes the history if it is
// missing.
MUST_USE enum store_outcome store_migrate_begin(struct pg *pg);

struct store_migration {
    int64_t number;
    const char *name; // of the file, without its directory
    const char *sql;
};

enum store_migrated { STORE_MIGRATED, STORE_MIGRATED_BEFORE, STORE_MIGRATED_DIFFERENTLY };
// Applies it in a transaction of its own unless it was applied before, perhaps with another text.
MUST_USE enum store_outcome store_migrate_apply(struct pg *pg, const struct store_migration *migration,
                                                enum store_migrated *what);

// The highest number in the history, 0 for none.
MUST_USE enum store_outcome store_migrate_latest(struct pg *pg, int64_t *number);

// Lets `role` read and write the tables, future ones included, but not change the schema. NOT_FOUND: there is no such
// role.
MUST_USE enum store_outcome store_migrate_grant(struct pg *pg, const char *role);

// Fresh statistics for the planner.
MUST_USE enum store_outcome store_migrate_analyze(struct pg *pg);

#endif
