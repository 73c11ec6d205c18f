// SPDX-License-Identifier: Apache-2.0
// What migrate applies, as it lies in a directory: NNNN_*.sql, functions/*.sql and before/0020.sql, read into memory.
// It knows no database.
#ifndef ADMIN_COMMANDS_MIGRATE_FILES_H
#define ADMIN_COMMANDS_MIGRATE_FILES_H

#include "admin/commands/command.h"
#include "store/migrate.h"

struct migrate_files {
    struct store_migration *migrations; // in the order of their numbers
    size_t migrations_n;
    struct store_migration *functions; // in the order of their names
    size_t functions_n;
    char *conversion; // of a database with the former history
};

// From `directory`, or (NULL) from where the files are installed. ADMIN_OK, or said; fini is due in either case.
MUST_USE int migrate_files_read(const struct admin *admin, const char *directory, struct migrate_files *files);
void migrate_files_fini(struct migrate_files *files);

#endif
