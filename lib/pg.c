#include "lib/pg.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/pg_options.h"
#include "lib/pg_verdict.h"

enum { PREPARED_MAX = 128, REPLANS = 3 };

// The general plan at once: it is the one that tests/integration/statements.c looks at, and each worker would else plan
// each statement five times for its parameters, and again after each replan. Statements are short, never worth
// compiling.
#define SETTINGS                                                                                                       \
    "-c statement_timeout=10000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=20000"                     \
    " -c plan_cache_mode=force_generic_plan -c jit=off"

struct prepared {
    const struct pg_statement *statement;
    int64_t at;  // when prepared, monotonic ns
    int replans; // how often it has been prepared anew
};

struct pg {
    PGconn *conn;
    char *url;
    char *options;
    const char *application;
    int64_t no_try_before; // after a failed connect: do not keep every request waiting for the next one
    bool said_down;
    int prepared_n;
    struct prepared prepared[PREPARED_MAX];
};

struct pg *pg_new(const char *url, const char *application)
{
    struct pg *pg = mem_zero(sizeof *pg);
    pg->url = mem_dup(str_from(url));
    pg->options = pg_options(url, SETTINGS);
    pg->application = application;
    return pg;
}

static void disconnect(struct pg *pg)
{
    PQfinish(pg->conn);
    pg->conn = NULL;
    pg->prepared_n = 0;
}

void pg_free(struct pg *pg)
{
    if (!pg)
        return;
    disconnect(pg);
    free(pg->url);
    free(pg->options);
    free(pg);
}

PGconn *pg_raw(struct pg *pg)
{
    return pg->conn;
}

// An idle connection has nothing to say: if it can be read, the server has gone or is going. Seen before a statement is
// sent, that costs nobody an error.
static bool is_alive(PGconn *conn)
{
    struct pollfd idle = {.fd = PQsocket(conn), .events = POLLIN};
    if (PQstatus(conn) != CONNECTION_OK || idle.fd < 0)
        return false;
    while (PQstatus(conn) == CONNECTION_OK && PQtransactionStatus(conn) == PQTRANS_IDLE && poll(&idle, 1, 0) > 0)
        (void)PQconsumeInput(conn);
    return PQstatus(conn) == CONNECTION_OK;
}

static int connect_now(struct pg *pg)
{
    int64_t now = clock_mono_ns();
    if (pg->conn && is_alive(pg->conn))
        return 0;
    disconnect(pg);
    if (now < pg->no_try_before)
        return -1;
    const char *keys[] = {"dbname", "fallback_application_name", "connect_timeout", "options", NULL};
    const char *values[] = {pg->url, pg->application, "3", pg->options, NULL};
    pg->conn = PQconnectdbParams(keys, values, 1);
    (void)PQsetNoticeReceiver(pg->conn, pg_remark, NULL);
    if (PQstatus(pg->conn) == CONNECTION_OK) {
        if (pg->said_down)
            log_info("the database is back");
        pg->said_down = false;
        return 0;
    }
    if (!pg->said_down)
        log_error("no connection to the database: %s", PQerrorMessage(pg->conn));
    pg->said_down = true;
    pg->no_try_before = now + 200 * INT64_C(1000000);
    disconnect(pg);
    return -1;
}

// What may be logged of a statement's error. Details, and what is said about a value, quote what people wrote.
static const char *safe_text(const PGresult *result, enum pg_outcome outcome)
{
    const char *text =
        PQresultErrorField(result, outcome == PG_REFUSED ? PG_DIAG_CONSTRAINT_NAME : PG_DIAG_MESSAGE_PRIMARY);
    return text ? text : "";
}

// `name`: of the statement, or NULL for a command, whose text is all ours.
static enum pg_outcome judge(struct pg *pg, const PGresult *result, const char *name)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const struct pg_verdict *verdict = pg_verdict_of(state ? state : "08006");
    const char *text = !state ? PQerrorMessage(pg->conn)
                       : name ? safe_text(result, verdict->outcome)
                              : PQresultErrorMessage(result);
    if (verdict->outcome == PG_REFUSED)
        log_warning("%s refused: %s %s", name ? name : "a command", state, text);
    else if (verdict->outcome != PG_AGAIN)
        log_error("%s failed: %s %s", name ? name : "a command", state ? state : "08006", text);
    if (verdict->disconnects || PQstatus(pg->conn) != CONNECTION_OK)
        disconnect(pg);
    return verdict->outcome;
}

enum pg_outcome pg_persist_all(struct pg *pg, struct pg_call calls[], int n)
{
    enum pg_outcome outcome = PG_AGAIN;
    for (int i = 0; i < PG_TRIES && outcome == PG_AGAIN; i++)
        outcome = pg_pipeline(pg, calls, n);
    return outcome;
}

enum pg_outcome pg_command(struct pg *pg, const char *sql)
{
    if (connect_now(pg))
        return PG_DOWN;
    PGresult *result = PQexec(pg->conn, sql);
    ExecStatusType status = PQresultStatus(result);
    enum pg_outcome outcome = PG_OK;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        outcome = judge(pg, result, NULL);
    PQclear(result);
    return outcome;
}

static struct prepared *find(struct pg *pg, const struct pg_statement *statement)
{
    for (int i = 0; i < pg->prepared_n; i++)
        if (pg->prepared[i].statement == statement)
            return &pg->prepared[i];
    return NULL;
}

// Plans made while the tables were empty stay bad: after 1, 10 and 60 s a statement is planned once more.
static bool is_due(const struct prepared *p, int64_t now)
{
    static const int64_t after_s[REPLANS] = {1, 10, 60};
    return p->replans < REPLANS && now - p->at > after_s[p->replans] * INT64_C(1000000000);
}

// Prepares `statement` if this connection has not, or if its plan is due again.
static enum pg_outcome prepare(struct pg *pg, const struct pg_statement *statement)
{
    int64_t now = clock_mono_ns();
    struct prepared *p = find(pg, statement);
    if (p && !is_due(p, now))
        return PG_OK;
    if (p) {
        struct buf sql = {0};
        buf_printf(&sql, "DEALLOCATE %s", statement->name);
        enum pg_outcome outcome = pg_command(pg, buf_cstr(&sql));
        buf_fini(&sql);
        if (outcome != PG_OK)
            return outcome;
        p->replans++;
    } else {
        assert(pg->prepared_n < PREPARED_MAX);
        p = &pg->prepared[pg->prepared_n];
        *p = (struct prepared){.statement = statement};
    }
    PGresult *result = PQprepare(pg->conn, statement->name, statement->sql, 0, NULL);
    enum pg_outcome outcome = PG_OK;
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        p->at = now;
        if (p == &pg->prepared[pg->prepared_n])
            pg->prepared_n++;
    } else {
        outcome = judge(pg, result, statement->name);
        // The statement is now absent on the server whatever was there before; a new connection starts clean.
        disconnect(pg);
    }
    PQclear(result);
    return outcome;
}

enum pg_outcome pg_run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                       PGresult **rows)
{
    *rows = NULL;
    if (connect_now(pg))
        return PG_DOWN;
    enum pg_outcome outcome = prepare(pg, statement);
    if (outcome != PG_OK)
        return outcome;
    PGresult *result = PQexecPrepared(pg->conn, statement->name, n, params, NULL, NULL, 1);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        *rows = result;
        return PG_OK;
    }
    outcome = judge(pg, result, statement->name);
    PQclear(result);
    return outcome;
}

enum pg_outcome pg_persist(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                           PGresult **rows)
{
    enum pg_outcome outcome = PG_AGAIN;
    for (int i = 0; i < PG_TRIES && outcome == PG_AGAIN; i++)
        outcome = pg_run(pg, statement, n, params, rows);
    return outcome;
}

static bool send_all(PGconn *conn, const struct pg_call calls[], int n)
{
    if (!PQenterPipelineMode(conn))
        return false;
    for (int i = 0; i < n; i++)
        if (!PQsendQueryPrepared(conn, calls[i].statement->name, calls[i].n, calls[i].params, NULL, NULL, 1))
            return false;
    return PQpipelineSync(conn);
}

// Takes the result of one statement and the NULL behind it. What follows an error comes as aborted.
static enum pg_outcome take_rows(struct pg *pg, struct pg_call *call)
{
    PGresult *result = PQgetResult(pg->conn), *more;
    ExecStatusType status = PQresultStatus(result);
    enum pg_outcome outcome = PG_OK;
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        call->rows = result;
    else if (status == PGRES_PIPELINE_ABORTED)
        outcome = PG_AGAIN;
    else
        outcome = judge(pg, result, call->statement->name);
    if (!call->rows)
        PQclear(result);
    while (pg->conn && (more = PQgetResult(pg->conn)))
        PQclear(more);
    return outcome;
}

// The commit happens at the sync: only its result says that it did.
static enum pg_outcome take_sync(struct pg *pg)
{
    PGresult *result = PQgetResult(pg->conn);
    enum pg_outcome outcome = PG_OK;
    if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
        outcome = judge(pg, result, "a commit");
        disconnect(pg);
    } else if (!PQexitPipelineMode(pg->conn)) {
        disconnect(pg);
    }
    PQclear(result);
    return outcome;
}

enum pg_outcome pg_pipeline(struct pg *pg, struct pg_call calls[], int n)
{
    for (int i = 0; i < n; i++)
        calls[i].rows = NULL;
    if (connect_now(pg))
        return PG_DOWN;
    enum pg_outcome outcome = PG_OK;
    for (int i = 0; i < n && outcome == PG_OK; i++)
        outcome = prepare(pg, calls[i].statement);
    if (outcome != PG_OK)
        return outcome;
    if (!send_all(pg->conn, calls, n)) {
        outcome = judge(pg, NULL, calls[0].statement->name);
        disconnect(pg);
        return outcome;
    }
    for (int i = 0; i < n && pg->conn; i++) {
        enum pg_outcome one = take_rows(pg, &calls[i]);
        if (outcome == PG_OK)
            outcome = one;
    }
    if (pg->conn) {
        enum pg_outcome committed = take_sync(pg);
        if (outcome == PG_OK)
            outcome = committed;
    }
    for (int i = 0; outcome != PG_OK && i < n; i++) {
        PQclear(calls[i].rows);
        calls[i].rows = NULL;
    }
    return outcome;
}

void pg_remark(void *unused, const PGresult *remark)
{
    (void)unused;
    const char *text = PQresultErrorField(remark, PG_DIAG_MESSAGE_PRIMARY);
    log_debug("the database remarks: %s", text ? text : "nothing");
}
