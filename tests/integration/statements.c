// SPDX-License-Identifier: Apache-2.0
// Prepares every statement that store/ holds against the database of DATABASE_URL and explains its general plan, the
// one that a worker keeps whatever the parameters are. Prints TAP: a statement fails if it cannot be prepared, if it
// scans a table that grows from end to end, or if it looks into a partitioned table by anything but the session's id,
// because then it looks into every partition. The tables are empty: that is when long-lived connections make their
// plans. With a literal as argument the database has a long session of that id instead, and those that read such
// sessions must find a range of their steps by an index.
//
// The statements are found in a section of their own (PG_STATEMENT, store/pg.h); this program is linked with all of
// store/.
#include <jansson.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/buf.h"
#include "store/pg.h"

extern const struct pg_statement __start_pg_statements[], __stop_pg_statements[];

// Statements that scan a whole table, or all of a workspace, which is fine while it is small.
static const char *const scanners[] = {
    "admin_list_channels", "admin_list_tokens", "admin_list_users",       "admin_list_workspaces", "prune_find",
    "epoch_draw",          "epoch_end_shares",  "person_export",          "store_room_snapshot",   "price_used",
    "sweep_tidy_failures", "sweep_tidy_logins", "sweep_tidy_revocations", "sweep_tidy_tickets",    NULL};

// Tables that stay small, and the nameless ones of functions.
static bool is_small(const char *table)
{
    static const char *const small[] = {"workspaces",        "personas",         "invites",      "webhooks",
                                        "schema_migrations", "schema_functions", "epoch",        "pg_roles",
                                        "pg_authid",         "pg_class",         "model_prices", "retention_rules"};
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

static bool is_partitioned(const char *table)
{
    static const char *const parents[] = {"steps", "session_events", "session_sources"};
    for (size_t i = 0; i < sizeof parents / sizeof parents[0]; i++)
        if (strncmp(table, parents[i], strlen(parents[i])) == 0)
            return true;
    return false;
}

// The first partition that is read without the session's id; NULL if there is none. Writing has no condition of its
// own.
static const char *read_beside_session(json_t *plan)
{
    const char *node = json_string_value(json_object_get(plan, "Node Type"));
    const char *table = json_string_value(json_object_get(plan, "Relation Name"));
    const char *condition = json_string_value(json_object_get(plan, "Index Cond"));
    if (node && table && is_partitioned(table) && strcmp(node, "ModifyTable") != 0 &&
        !(condition && strstr(condition, "session_id = ")))
        return table;
    size_t i;
    json_t *child;
    json_array_foreach(json_object_get(plan, "Plans"), i, child)
    {
        const char *found = read_beside_session(child);
        if (found)
            return found;
    }
    return NULL;
}

// What long sessions need of a plan: a range of an index, without which all later steps would be read. A partition is
// chosen by the session when a statement runs, so where a parameter names it, it is given.
static const struct range {
    const char *statement, *condition;
    int session_parameter; // from 1; 0: none
} ranges[] = {
    {"store_room_events", "start_seq <=", 0},
    {"store_room_events", "end_seq <=", 0},
    {"trace_page_forth", "ROW(started_at, step_number) >=", 4},
    {"trace_page_forth", "ROW(started_at, step_number) <", 4},
    {"trace_page_around", "ROW(started_at, step_number) >=", 4},
    {"trace_page_around", "ROW(started_at, step_number) <", 4},
    {"trace_page_changed", "seq >", 4},
};

// The place of the session among the parameters of that statement.
static int session_parameter(const char *statement)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (strcmp(ranges[i].statement, statement) == 0)
            return ranges[i].session_parameter;
    return 0;
}

static bool has_range(json_t *plan, const char *condition)
{
    const char *index = json_string_value(json_object_get(plan, "Index Cond"));
    if (index && strstr(index, condition))
        return true;
    size_t i;
    json_t *child;
    json_array_foreach(json_object_get(plan, "Plans"), i, child)
    {
        if (has_range(child, condition))
            return true;
    }
    return false;
}

// A range that the plan of this statement lacks; NULL if there is none.
static const char *missing_range(json_t *plan, const char *statement)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (strcmp(ranges[i].statement, statement) == 0 && !has_range(plan, ranges[i].condition))
            return ranges[i].condition;
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

static PGresult *explain(PGconn *conn, const struct pg_statement *s, int parameters, const char *session)
{
    struct buf sql = {0};
    buf_printf(&sql, "EXPLAIN (FORMAT JSON) EXECUTE %s", s->name);
    int place = session ? session_parameter(s->name) : 0;
    for (int i = 1; i <= parameters; i++)
        buf_printf(&sql, "%s%s", i > 1 ? ", " : "(", i == place ? session : "NULL");
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

static void check(PGconn *conn, int number, const struct pg_statement *s, const char *session)
{
    int parameters = 0;
    json_t *plans = NULL;
    struct buf problem = {0};
    PGresult *result = prepare(conn, s, &parameters);
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        PQclear(result);
        result = explain(conn, s, parameters, session);
    }
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        plans = json_loads(PQgetvalue(result, 0, 0), 0, NULL);
        json_t *plan = json_object_get(json_array_get(plans, 0), "Plan");
        const char *table = scanned(plan), *beside = read_beside_session(plan);
        const char *missing = session ? missing_range(plan, s->name) : NULL;
        if (table && !session && !is_listed(scanners, s->name))
            buf_printf(&problem, "scans %s from end to end", table);
        else if (beside && !session)
            buf_printf(&problem, "reads %s by something else than the session's id", beside);
        else if (missing)
            buf_printf(&problem, "does not find %s by an index", missing);
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

int main(int argc, char **argv)
{
    const char *session = argc > 1 ? argv[1] : NULL;
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
            check(conn, ++n, s, session);
    printf("1..%d\n", n);
    PQfinish(conn);
    return 0;
}
