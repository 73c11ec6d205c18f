#include "lib/store_migrate.h"

#include "lib/log.h"

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
        bool done = pg_command(pg, "BEGIN") == PG_OK && pg_command(pg, migration->sql) == PG_OK &&
                    run(pg, &record, 3, (const char *const[]){buf_cstr(&number), migration->name, migration->sql},
                        &rows) == STORE_OK &&
                    pg_command(pg, "COMMIT") == PG_OK;
        outcome = done ? STORE_OK : STORE_DOWN;
        if (!done) {
            log_error("%s was not applied", migration->name);
            (void)!pg_command(pg, "ROLLBACK");
        }
    }
    PQclear(rows);
    buf_fini(&number);
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
    PGresult *rows = NULL;
    struct buf sql = {0};
    enum store_outcome outcome = run(pg, &print_grants, 1, (const char *const[]){role}, &rows);
    if (outcome == STORE_OK) {
        buf_str(&sql, pg_str(rows, 0, 0));
        outcome = outcome_of(pg_command(pg, buf_cstr(&sql)));
    }
    PQclear(rows);
    buf_fini(&sql);
    return outcome;
}

// Only tables that have rows. The planner takes a table it knows nothing about for a middling one and uses its indexes,
// a table it knows to be empty it scans, with statements that live on when the table has grown.
static const struct pg_statement print_analyze PG_STATEMENT = {
    "migrate_print_analyze",
    "SELECT coalesce(string_agg(format('ANALYZE %I', relname), ';'), '') FROM pg_class\n"
    "WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0",
};

enum store_outcome store_migrate_analyze(struct pg *pg)
{
    PGresult *rows = NULL;
    struct buf sql = {0};
    enum store_outcome outcome = run(pg, &print_analyze, 0, NULL, &rows);
    if (outcome == STORE_OK) {
        buf_str(&sql, pg_str(rows, 0, 0));
        outcome = outcome_of(pg_command(pg, buf_cstr(&sql)));
    }
    PQclear(rows);
    buf_fini(&sql);
    return outcome;
}
