// SPDX-License-Identifier: Apache-2.0
#include "store/migrate.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include "base/log.h"
#include "store/pg_value.h"

static enum store_outcome outcome_of(enum pg_outcome outcome)
{
    return outcome == PG_OK ? STORE_OK : STORE_DOWN;
}

// The number of the lock means nothing; it is the same in every version.
static const char begin[] = "SET statement_timeout = 0; SET lock_timeout = 0; SET client_min_messages = warning;\n"
                            "SELECT pg_advisory_lock(7241501903);\n"
                            "CREATE TABLE IF NOT EXISTS schema_migrations (\n"
                            "    number     integer PRIMARY KEY,\n"
                            "    name       text NOT NULL,\n"
                            "    checksum   text NOT NULL,\n"
                            "    applied_at timestamptz NOT NULL DEFAULT clock_timestamp());\n"
                            "CREATE TABLE IF NOT EXISTS schema_functions (\n"
                            "    name       text PRIMARY KEY,\n"
                            "    checksum   text NOT NULL,\n"
                            "    applied_at timestamptz NOT NULL DEFAULT clock_timestamp())";

enum store_outcome store_migrate_begin(struct pg *pg)
{
    return outcome_of(pg_command(pg, begin));
}

// Runs a statement that gives at most one row.
static enum store_outcome run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                              PGresult **rows)
{
    if (pg_run(pg, statement, n, params, rows) != PG_OK)
        return STORE_DOWN;
    if (PQntuples(*rows) > 0)
        return STORE_OK;
    PQclear(*rows);
    *rows = NULL;
    return STORE_NOT_FOUND;
}

static const struct pg_statement compare PG_STATEMENT = {
    "migrate_compare",
    "SELECT checksum = encode(sha256(convert_to($2, 'UTF8')),\n"
    "'hex') FROM schema_migrations WHERE number = $1::integer",
};
static const struct pg_statement record PG_STATEMENT = {
    "migrate_record",
    "INSERT INTO schema_migrations (number, name, checksum)\n"
    "VALUES ($1::integer, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex')) RETURNING number",
};

// Commits the transaction in which `what` was written, or rolls it back if it was not.
static enum store_outcome commit_or_not(struct pg *pg, bool written, const char *what)
{
    if (written && pg_command(pg, "COMMIT") == PG_OK)
        return STORE_OK;
    log_error("%s was not applied", what);
    (void)!pg_command(pg, "ROLLBACK");
    return STORE_DOWN;
}

static bool write_history(struct pg *pg, const struct store_migration *migration)
{
    struct buf number = {0};
    PGresult *rows = NULL;
    buf_i64(&number, migration->number);
    const char *params[] = {buf_cstr(&number), migration->name, migration->sql};
    bool written = run(pg, &record, 3, params, &rows) == STORE_OK;
    PQclear(rows);
    buf_fini(&number);
    return written;
}

enum store_outcome store_migrate_apply(struct pg *pg, const struct store_migration *migration,
                                       enum store_migrated *what)
{
    PGresult *rows = NULL;
    struct buf number = {0};
    buf_i64(&number, migration->number);
    enum store_outcome outcome = run(pg, &compare, 2, (const char *const[]){buf_cstr(&number), migration->sql}, &rows);
    if (outcome == STORE_OK) {
        *what = pg_bool(rows, 0, 0) ? STORE_MIGRATED_BEFORE : STORE_MIGRATED_DIFFERENTLY;
    } else if (outcome == STORE_NOT_FOUND) {
        *what = STORE_MIGRATED;
        bool written =
            pg_command(pg, "BEGIN") == PG_OK && pg_command(pg, migration->sql) == PG_OK && write_history(pg, migration);
        outcome = commit_or_not(pg, written, migration->name);
    }
    PQclear(rows);
    buf_fini(&number);
    return outcome;
}

static const struct pg_statement compare_functions PG_STATEMENT = {
    "migrate_compare_functions",
    "SELECT checksum = encode(sha256(convert_to($2, 'UTF8')), 'hex') FROM schema_functions WHERE name = $1",
};
static const struct pg_statement record_functions PG_STATEMENT = {
    "migrate_record_functions",
    "INSERT INTO schema_functions (name, checksum) VALUES ($1, encode(sha256(convert_to($2, 'UTF8')), 'hex'))\n"
    "ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, applied_at = clock_timestamp() RETURNING name",
};

static enum store_outcome is_current(struct pg *pg, const struct store_migration *file, bool *current)
{
    PGresult *rows = NULL;
    enum store_outcome outcome = run(pg, &compare_functions, 2, (const char *const[]){file->name, file->sql}, &rows);
    *current = outcome == STORE_OK && pg_bool(rows, 0, 0);
    PQclear(rows);
    return outcome == STORE_DOWN ? STORE_DOWN : STORE_OK;
}

// A function with its owner's rights keeps the path that is set while it is made: nothing that others make temporarily
// may come first on it.
static bool begin_functions(struct pg *pg)
{
    PGresult *rows = NULL;
    static const struct pg_statement path PG_STATEMENT = {
        "migrate_path",
        "SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)",
    };
    bool begun = run(pg, &path, 0, NULL, &rows) == STORE_OK;
    PQclear(rows);
    return begun;
}

// Applies the files that changed[] marks, or all if it is NULL, in the transaction that is open.
static bool write_functions(struct pg *pg, const struct store_migration functions[], size_t n, const bool changed[])
{
    bool written = begin_functions(pg);
    for (size_t i = 0; written && i < n; i++) {
        if (changed && !changed[i])
            continue;
        PGresult *rows = NULL;
        const char *params[] = {functions[i].name, functions[i].sql};
        written = pg_command(pg, functions[i].sql) == PG_OK && run(pg, &record_functions, 2, params, &rows) == STORE_OK;
        PQclear(rows);
        if (!written)
            log_error("the failed statement is in functions/%s", functions[i].name);
    }
    return written;
}

enum store_outcome store_migrate_functions(struct pg *pg, const struct store_migration functions[], size_t n,
                                           bool changed[])
{
    size_t changes = 0;
    for (size_t i = 0; i < n; i++) {
        bool current = false;
        if (is_current(pg, &functions[i], &current) != STORE_OK)
            return STORE_DOWN;
        changed[i] = !current;
        changes += changed[i];
    }
    if (changes == 0)
        return STORE_OK;
    bool written = pg_command(pg, "BEGIN") == PG_OK && write_functions(pg, functions, n, changed);
    return commit_or_not(pg, written, "what has changed in functions/");
}

static const struct pg_statement history PG_STATEMENT = {
    "migrate_history",
    "SELECT count(*) FILTER (WHERE number <= 20), coalesce(bool_or(number = 1 AND name = '0001_people.sql'), false)\n"
    "FROM schema_migrations",
};

enum store_outcome store_migrate_history(struct pg *pg, enum store_history *which)
{
    PGresult *rows = NULL;
    enum store_outcome outcome = run(pg, &history, 0, NULL, &rows);
    if (outcome == STORE_OK)
        *which = !pg_bool(rows, 0, 1)       ? STORE_HISTORY_NOW
                 : pg_i64(rows, 0, 0) == 20 ? STORE_HISTORY_BEFORE
                                            : STORE_HISTORY_TOO_OLD;
    PQclear(rows);
    return outcome;
}

// Which files of functions the conversion uses; the others may need what later migrations make.
static const char *const conversion_uses[] = {"naming.sql", "partitions.sql"};

static bool write_used_functions(struct pg *pg, const struct store_migration functions[], size_t n)
{
    bool *used = mem_zero(n * sizeof *used);
    for (size_t i = 0; i < n; i++)
        for (size_t at = 0; at < sizeof conversion_uses / sizeof conversion_uses[0]; at++)
            used[i] |= strcmp(functions[i].name, conversion_uses[at]) == 0;
    bool written = write_functions(pg, functions, n, used);
    free(used);
    return written;
}

enum store_outcome store_migrate_adopt(struct pg *pg, const struct store_migration migrations[], size_t migrations_n,
                                       const struct store_migration functions[], size_t functions_n,
                                       const char *conversion)
{
    bool written = pg_command(pg, "BEGIN") == PG_OK && write_used_functions(pg, functions, functions_n) &&
                   pg_command(pg, conversion) == PG_OK && pg_command(pg, "DELETE FROM schema_migrations") == PG_OK &&
                   write_history(pg, &migrations[0]);
    for (size_t i = 1; written && i < migrations_n; i++) {
        written = pg_command(pg, migrations[i].sql) == PG_OK && write_history(pg, &migrations[i]);
        if (!written)
            log_error("the failed statement is in %s", migrations[i].name);
    }
    written = written && write_functions(pg, functions, functions_n, NULL);
    return commit_or_not(pg, written, "the conversion of the former schema");
}

static const struct pg_statement encoding PG_STATEMENT = {
    "migrate_encoding",
    "SELECT current_setting('server_encoding') = 'UTF8'",
};

enum store_outcome store_migrate_encoding(struct pg *pg, bool *is_utf8)
{
    PGresult *rows = NULL;
    enum store_outcome outcome = run(pg, &encoding, 0, NULL, &rows);
    if (outcome == STORE_OK)
        *is_utf8 = pg_bool(rows, 0, 0);
    PQclear(rows);
    return outcome;
}

static const struct pg_statement latest PG_STATEMENT = {
    "migrate_latest",
    "SELECT coalesce(max(number), 0) FROM schema_migrations",
};

enum store_outcome store_migrate_latest(struct pg *pg, int64_t *number)
{
    PGresult *rows = NULL;
    enum store_outcome outcome = run(pg, &latest, 0, NULL, &rows);
    if (outcome == STORE_OK)
        *number = pg_i64(rows, 0, 0);
    PQclear(rows);
    return outcome;
}

// Runs the commands that a statement prints.
static enum store_outcome run_printed(struct pg *pg, const struct pg_statement *statement, int n,
                                      const char *const params[])
{
    PGresult *rows = NULL;
    struct buf sql = {0};
    enum store_outcome outcome = run(pg, statement, n, params, &rows);
    if (outcome == STORE_OK) {
        buf_str(&sql, pg_str(rows, 0, 0));
        outcome = outcome_of(pg_command(pg, buf_cstr(&sql)));
    }
    PQclear(rows);
    buf_fini(&sql);
    return outcome;
}

// Names cannot be parameters of GRANT: the server prints the commands with the names quoted.
static const struct pg_statement print_grants PG_STATEMENT = {
    "migrate_print_grants",
    "SELECT format('GRANT USAGE ON SCHEMA %1$I TO %2$I;\n"
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %1$I TO %2$I;\n"
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA %1$I TO %2$I;\n"
    "ALTER DEFAULT PRIVILEGES IN SCHEMA %1$I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %2$I;\n"
    "ALTER DEFAULT PRIVILEGES IN SCHEMA %1$I GRANT USAGE ON SEQUENCES TO %2$I;\n"
    "REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM %2$I', current_schema(), rolname)\n"
    "FROM pg_roles WHERE rolname = $1",
};

enum store_outcome store_migrate_grant(struct pg *pg, const char *role)
{
    return run_printed(pg, &print_grants, 1, (const char *const[]){role});
}

// Only tables with rows are analysed. The planner takes a table that it knows nothing about to be of medium size and
// uses its indexes; a table that it knows to be empty it scans, by plans that are still in use when the table has
// grown.
static const struct pg_statement print_analyze PG_STATEMENT = {
    "migrate_print_analyze",
    "SELECT coalesce(string_agg(format('ANALYZE %I', relname), ';'), '') FROM pg_class\n"
    "WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0",
};

enum store_outcome store_migrate_analyze(struct pg *pg)
{
    return run_printed(pg, &print_analyze, 0, NULL);
}
