// SPDX-License-Identifier: Apache-2.0
// The schema's history: which migrations a database has, and applying the next one. Which files there are is the
// caller's part.
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/pg.h"
#include "store/store.h"

// Takes the lock under which migrations are applied, held until the connection ends, and makes the history if it is
// missing.
MUST_USE enum store_outcome store_migrate_begin(struct pg *pg);

struct store_migration {
    int64_t number; // of a file of functions: 0
    char *name;     // of the file, without its directory
    char *sql;
};

// Which numbering a database's history has. A baseline has replaced the former one, which ended at 0020.
enum store_history {
    STORE_HISTORY_NOW,     // no history yet, or the present one
    STORE_HISTORY_BEFORE,  // the whole of the former one
    STORE_HISTORY_TOO_OLD, // only a part of the former one
};
MUST_USE enum store_outcome store_migrate_history(struct pg *pg, enum store_history *history);

// All or nothing: brings a database of STORE_HISTORY_BEFORE to what the first of the migrations makes by the statements
// of `conversion`, and its history too; then come the other migrations and the functions. Programs that run meanwhile
// see the schema of before or the new one.
MUST_USE enum store_outcome store_migrate_adopt(struct pg *pg, const struct store_migration migrations[],
                                                size_t migrations_n, const struct store_migration functions[],
                                                size_t functions_n, const char *conversion);

enum store_migrated { STORE_MIGRATED, STORE_MIGRATED_BEFORE, STORE_MIGRATED_DIFFERENTLY };
// Applies the migration in a transaction of its own, unless it was applied before, perhaps with another text.
MUST_USE enum store_outcome store_migrate_apply(struct pg *pg, const struct store_migration *migration,
                                                enum store_migrated *what);

// Applies those files of functions whose text is not the one that was applied last, in one transaction, and marks them
// in changed[].
MUST_USE enum store_outcome store_migrate_functions(struct pg *pg, const struct store_migration functions[], size_t n,
                                                    bool changed[]);

// Whether the database stores texts in UTF-8.
MUST_USE enum store_outcome store_migrate_encoding(struct pg *pg, bool *is_utf8);

// The highest number in the history, 0 for none.
MUST_USE enum store_outcome store_migrate_latest(struct pg *pg, int64_t *number);

// Lets `role` read and write the tables, future ones included, but not change the schema. NOT_FOUND: there is no such
// role.
MUST_USE enum store_outcome store_migrate_grant(struct pg *pg, const char *role);

// Fresh statistics for the planner.
MUST_USE enum store_outcome store_migrate_analyze(struct pg *pg);

#endif
