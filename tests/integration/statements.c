// Prepares every statement that lib/ holds against the database of DATABASE_URL and explains its general plan, the one
// that a worker keeps whatever the parameters are. Prints TAP: a statement fails if it cannot be prepared or if it
// scans a table that grows from end to end. The tables are empty: that is when long-lived connections make their plans.
//
// The statements are found in a section of their own (PG_STATEMENT, lib/pg.h); this program is linked with all of lib/.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib/buf.h"
#include "lib/pg.h"

extern const struct pg_statement __start_pg_statements[], __stop_pg_statements[];

// Statements that go through a whole table, or through all of a workspace, and may as well while it is small.
static const char *const scanners[] = {
    "admin_list_channels",   "admin_list_tokens",   "admin_list_users",  "admin_list_workspaces",  "prune_find",
    "store_replay_snapshot", "sweep_tidy_failures", "sweep_tidy_logins", "sweep_tidy_revocations", NULL};

// Tables that stay small, and the nameless ones of functions.
static bool is_small(const char *table)
{
    static const char *const small[] = {"workspaces", "personas",  "schema_migrations",
                                        "pg_roles",   "pg_authid", "pg_class"};
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
        if (strcmp(small[i], table) == 0)
            return true;
    return false;
}

static bool is_listed(const char *const *list, const char *name)
{
    while (*list && strcmp(*list, name) != 0)
        list++;
    return *list != NULL;
}

// The first table that the plan scans; NULL if there is none.
static const char *scanned(json_t *plan)
{
    const char *node = json_string_value(json_object_get(plan, "Node Type"));
    const char *table = json_string_value(json_object_get(plan, "Relation Name"));
    if (node && table && strstr(node, "Seq Scan") && !is_small(table))
        return table;
    size_t i;
    json_t *child;
    json_array_foreach(json_object_get(plan, "Plans"), i, child)
    {
        const char *found = scanned(child);
        if (found)
            return found;
    }
    return NULL;
}

static PGresult *prepare(PGconn *conn, const struct pg_statement *s, int *parameters)
{
    PGresult *result = PQprepare(conn, s->name, s->sql, 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return result;
    PQclear(result);
    result = PQdescribePrepared(conn, s->name);
    *parameters = PQnparams(result);
    return result;
}

static PGresult *explain(PGconn *conn, const struct pg_statement *s, int parameters)
{
    struct buf sql = {0};
    buf_printf(&sql, "EXPLAIN (FORMAT JSON) EXECUTE %s", s->name);
    for (int i = 0; i < parameters; i++)
        buf_printf(&sql, "%sNULL", i ? ", " : "(");
    if (parameters)
        buf_char(&sql, ')');
    PGresult *result = PQexec(conn, buf_cstr(&sql));
    buf_fini(&sql);
    return result;
}

static void report(int number, const char *name, const char *problem)
{
    printf("%sok %d - %s\n", problem ? "not " : "", number, name);
    if (problem)
        printf("# %s\n", problem);
}

static void check(PGconn *conn, int number, const struct pg_statement *s)
{
    int parameters = 0;
    json_t *plans = NULL;
    struct buf problem = {0};
    PGresult *result = prepare(conn, s, &parameters);
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        PQclear(result);
        result = explain(conn, s, parameters);
    }
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        plans = json_loads(PQgetvalue(result, 0, 0), 0, NULL);
        const char *table = scanned(json_object_get(json_array_get(plans, 0), "Plan"));
        if (table && !is_listed(scanners, s->name))
            buf_printf(&problem, "scans %s from end to end", table);
    } else {
        buf_str(&problem, str_from(PQresultErrorMessage(result)));
        for (size_t i = 0; i < problem.n; i++)
            problem.p[i] = problem.p[i] == '\n' ? ' ' : problem.p[i];
    }
    if (problem.n && plans && getenv("VERBOSE"))
        printf("# %s\n", PQgetvalue(result, 0, 0));
    report(number, s->name, problem.n ? buf_cstr(&problem) : NULL);
    json_decref(plans);
    PQclear(result);
    buf_fini(&problem);
}

int main(void)
{
    const char *url = getenv("DATABASE_URL");
    PGconn *conn = PQconnectdb(url ? url : "");
    if (PQstatus(conn) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(conn));
        return 1;
    }
    PQclear(PQexec(conn, "SET plan_cache_mode = force_generic_plan; SET jit = off"));
    int n = 0;
    // The linker may leave zeros between the objects.
    for (const struct pg_statement *s = __start_pg_statements; s < __stop_pg_statements; s++)
        if (s->name)
            check(conn, ++n, s);
    printf("1..%d\n", n);
    PQfinish(conn);
    return 0;
}
