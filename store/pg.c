// SPDX-License-Identifier: Apache-2.0
#include "store/pg.h"

#include <assert.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/pg_copy.h"
#include "store/pg_dial.h"
#include "store/pg_options.h"
#include "store/pg_outage.h"
#include "store/pg_proof.h"
#include "store/pg_verdict.h"
#include "store/pg_wait.h"

enum { PREPARED_MAX = 128, REPLANS = 3 };

// How long requests fail at once after a failed attempt to connect, instead of each waiting for an attempt of its own.
static const int64_t RECONNECT_NS = INT64_C(200000000);

// Generic plans from the start: they are what tests/integration/statements.c examines, and otherwise each worker would
// plan each statement five times for its parameters, and again after each replan. The statements are too short to be
// worth compiling.
#define SETTINGS "-c idle_in_transaction_session_timeout=20000 -c plan_cache_mode=force_generic_plan -c jit=off"

// The server gives a lock up a little before its statement, and the statement a little before its client does, so that
// errors name the cause and the connection is kept. Only a server that is silent loses it.
enum { SERVER_FIRST_MS = 200, LOCK_MS = 5000 };

struct prepared {
    const struct pg_statement *statement;
    int64_t prepared_ns; // CLOCK_MONOTONIC
    int replans;         // how often it has been prepared anew
};

struct pg {
    PGconn *conn;
    struct pg_dial *dial;
    int64_t deadline_ms;
    bool is_unconfirmed; // what this connection wrote may be on the primary alone
    struct pg_proof proof;
    int64_t no_try_before_ns; // CLOCK_MONOTONIC
    struct pg_outage outage;
    struct buf why; // see pg_why()
    int prepared_n;
    struct prepared prepared[PREPARED_MAX];
};

struct pg *pg_new(const char *url, const char *application, int64_t deadline_ms)
{
    struct pg *pg = mem_zero(sizeof *pg);
    struct buf settings = {0};
    int64_t statement_ms = deadline_ms ? deadline_ms - SERVER_FIRST_MS : 0;
    int64_t lock_ms = statement_ms && statement_ms < LOCK_MS ? statement_ms - SERVER_FIRST_MS : LOCK_MS;
    buf_printf(&settings, SETTINGS " -c statement_timeout=%lld -c lock_timeout=%lld", (long long)statement_ms,
               (long long)lock_ms);
    pg->dial = pg_dial_new(url, application, buf_cstr(&settings));
    pg->deadline_ms = deadline_ms;
    pg->proof.is_wanted = pg_options_finds_primary(url);
    buf_fini(&settings);
    return pg;
}

static void disconnect(struct pg *pg)
{
    PQfinish(pg->conn);
    pg->conn = NULL;
    pg->prepared_n = 0;
    pg->is_unconfirmed = false;
}

// The server is of no more use, so the next connection is looked for at the one behind it.
static void lose(struct pg *pg)
{
    pg_dial_lost(pg->dial);
    disconnect(pg);
}

void pg_free(struct pg *pg)
{
    if (!pg)
        return;
    disconnect(pg);
    pg_dial_free(pg->dial);
    buf_fini(&pg->why);
    free(pg);
}

void pg_mute(struct pg *pg)
{
    pg->outage.is_muted = true;
}

const char *pg_why(const struct pg *pg)
{
    return pg->why.n ? pg->why.p : "it was lost";
}

// Remembers why there is no connection. True: log it.
static bool is_news(struct pg *pg, const char *why)
{
    buf_clear(&pg->why);
    buf_str(&pg->why, str_from(why));
    (void)buf_cstr(&pg->why);
    return pg_outage_noticed(&pg->outage, clock_mono_ns());
}

void pg_clear(struct pg_result *rows)
{
    PQclear(rows);
}

// A commit that was told not to wait for its standby any longer succeeds with a warning. Its text is in the language of
// the server, but the function that wrote it has one name.
static void hear_remark(void *context, const PGresult *remark)
{
    struct pg *pg = context;
    const char *source = PQresultErrorField(remark, PG_DIAG_SOURCE_FUNCTION);
    if (source && strcmp(source, "SyncRepWaitForLSN") == 0)
        pg->is_unconfirmed = true;
    pg_remark(NULL, remark);
}

static PGconn *dial_now(struct pg *pg, int64_t now)
{
    pg_dial_start(pg->dial, now);
    enum pg_dial_state state;
    while ((state = pg_dial_step(pg->dial, clock_mono_ns())) == PG_DIAL_WAITS)
        pg_wait_for(&(struct pollfd){pg_dial_fd(pg->dial), pg_dial_events(pg->dial), 0}, pg_dial_until_ns(pg->dial));
    return state == PG_DIAL_DONE ? pg_dial_take(pg->dial) : NULL;
}

static bool is_usable(struct pg *pg, int64_t now)
{
    bool is_alive = pg_wait_is_alive(pg->conn);
    if (is_alive && pg_proof_stands(&pg->proof, pg->conn, now) && !pg->is_unconfirmed)
        return true;
    if (is_alive && is_news(pg, "no standby confirms any more that the server is the primary"))
        log_error("the database is looked for anew: %s", pg_why(pg));
    return false;
}

static int connect_now(struct pg *pg)
{
    int64_t now = clock_mono_ns();
    if (pg->conn && is_usable(pg, now))
        return 0;
    if (pg->conn)
        lose(pg);
    if (now < pg->no_try_before_ns)
        return -1;
    pg->conn = dial_now(pg, now);
    const char *refused = pg->conn ? pg_copy_refused(pg->conn) : pg_dial_error(pg->dial);
    if (!refused && PQsetnonblocking(pg->conn, 1) == 0) {
        (void)PQsetNoticeReceiver(pg->conn, hear_remark, pg);
        pg->proof.used_ns = now;
        int64_t lasted_ns;
        if (pg_outage_ended(&pg->outage, now, &lasted_ns))
            log_info("the database is back after %lld ms", (long long)(lasted_ns / 1000000));
        return 0;
    }
    if (is_news(pg, refused ? refused : PQerrorMessage(pg->conn)))
        log_error("no connection to the database: %s", pg_why(pg));
    pg->no_try_before_ns = clock_mono_ns() + RECONNECT_NS;
    disconnect(pg);
    return -1;
}

// `name`: of the statement, or NULL for a command, whose text is all ours.
static enum pg_outcome judge(struct pg *pg, const PGresult *result, const char *name)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const struct pg_verdict *verdict = pg_verdict_of(state ? state : "08006");
    const char *text = !state ? PQerrorMessage(pg->conn)
                       : name ? pg_verdict_text(result, verdict->outcome)
                              : PQresultErrorMessage(result);
    // A statement that fails because the link is lost is how an outage is noticed; pg_outage.h bounds these lines.
    bool is_outage = verdict->outcome == PG_DOWN && verdict->disconnects;
    if (verdict->outcome == PG_REFUSED)
        log_warning("%s was refused: %s %s", name ? name : "a command", state, text);
    else if (is_outage ? is_news(pg, text) : verdict->outcome != PG_AGAIN)
        log_error("%s failed: %s %s", name ? name : "a command", state ? state : "08006", text);
    if (is_outage)
        lose(pg);
    else if (verdict->disconnects || PQstatus(pg->conn) != CONNECTION_OK)
        disconnect(pg);
    return verdict->outcome;
}

// When what is sent now is given up.
static int64_t deadline_ns(const struct pg *pg)
{
    return pg->deadline_ms ? clock_mono_ns() + pg->deadline_ms * INT64_C(1000000) : INT64_MAX;
}

// As PQgetResult(), but a server that is silent until then is left: NULL, and there is no connection any more.
static PGresult *next_result(struct pg *pg, int64_t until_ns)
{
    if (pg_wait_result(pg->conn, until_ns))
        return PQgetResult(pg->conn);
    if (is_news(pg, "the server has not answered in time"))
        log_error("the database has not answered within %lld ms", (long long)pg->deadline_ms);
    lose(pg);
    return NULL;
}

// Waits for all results of what was sent, and keeps the first error or otherwise the last result.
static PGresult *answer(struct pg *pg, int64_t until_ns)
{
    PGresult *kept = NULL, *result;
    while (pg->conn && (result = next_result(pg, until_ns))) {
        if (PQresultStatus(kept) == PGRES_FATAL_ERROR && kept) {
            PQclear(result);
            continue;
        }
        PQclear(kept);
        kept = result;
    }
    return kept;
}

static enum pg_outcome unconfirmed(struct pg *pg)
{
    log_error("a commit was not confirmed by a standby, and may be lost with its server");
    disconnect(pg);
    return PG_DOWN;
}

// What has become of a statement that was sent, if it was. On PG_OK *rows, which may be NULL, gets the result.
static enum pg_outcome conclude(struct pg *pg, bool is_sent, const char *name, PGresult **rows)
{
    PGresult *result = is_sent ? answer(pg, deadline_ns(pg)) : NULL;
    ExecStatusType status = PQresultStatus(result);
    enum pg_outcome outcome = PG_OK;
    if (!pg->conn)
        outcome = PG_DOWN;
    else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        outcome = judge(pg, result, name);
    else if (pg->is_unconfirmed)
        outcome = unconfirmed(pg);
    if (outcome == PG_OK && rows)
        *rows = result;
    else
        PQclear(result);
    return outcome;
}

enum pg_outcome pg_command(struct pg *pg, const char *sql)
{
    if (connect_now(pg))
        return PG_DOWN;
    return conclude(pg, PQsendQuery(pg->conn, sql), NULL, NULL);
}

static struct prepared *find(struct pg *pg, const struct pg_statement *statement)
{
    for (int i = 0; i < pg->prepared_n; i++)
        if (pg->prepared[i].statement == statement)
            return &pg->prepared[i];
    return NULL;
}

// A plan that was made while the tables were empty stays bad, so a statement is planned again after 1, 10 and 60 s.
static bool is_due(const struct prepared *p, int64_t now)
{
    static const int64_t after_s[REPLANS] = {1, 10, 60};
    return p->replans < REPLANS && now - p->prepared_ns > after_s[p->replans] * INT64_C(1000000000);
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
    enum pg_outcome outcome =
        conclude(pg, PQsendPrepare(pg->conn, statement->name, statement->sql, 0, NULL), statement->name, NULL);
    if (outcome == PG_OK) {
        p->prepared_ns = now;
        if (p == &pg->prepared[pg->prepared_n])
            pg->prepared_n++;
    } else {
        // Now the server does not have the statement, whatever it had before; a new connection starts clean.
        disconnect(pg);
    }
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
    int is_sent = PQsendQueryPrepared(pg->conn, statement->name, n, params, NULL, NULL, 1);
    return conclude(pg, is_sent, statement->name, rows);
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

// Takes the result of one statement and the NULL behind it. The statements after a failed one are reported as aborted.
static enum pg_outcome take_rows(struct pg *pg, struct pg_call *call, int64_t until_ns)
{
    PGresult *result = next_result(pg, until_ns), *more;
    ExecStatusType status = PQresultStatus(result);
    enum pg_outcome outcome = PG_OK;
    if (!pg->conn)
        outcome = PG_DOWN;
    else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        call->rows = result;
    else if (status == PGRES_PIPELINE_ABORTED)
        outcome = PG_AGAIN;
    else
        outcome = judge(pg, result, call->statement->name);
    if (!call->rows)
        PQclear(result);
    while (pg->conn && (more = next_result(pg, until_ns)))
        PQclear(more);
    return outcome;
}

// The transaction commits at the sync point, and only its result says that it did.
static enum pg_outcome take_sync(struct pg *pg, int64_t until_ns)
{
    PGresult *result = next_result(pg, until_ns);
    enum pg_outcome outcome = PG_OK;
    if (!pg->conn) {
        outcome = PG_DOWN;
    } else if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
        outcome = judge(pg, result, "a commit");
        disconnect(pg);
    } else if (pg->is_unconfirmed) {
        outcome = unconfirmed(pg);
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
    int64_t until_ns = deadline_ns(pg);
    for (int i = 0; i < n && pg->conn; i++) {
        enum pg_outcome one = take_rows(pg, &calls[i], until_ns);
        if (outcome == PG_OK)
            outcome = one;
    }
    if (pg->conn) {
        enum pg_outcome committed = take_sync(pg, until_ns);
        if (outcome == PG_OK)
            outcome = committed;
    }
    for (int i = 0; outcome != PG_OK && i < n; i++) {
        PQclear(calls[i].rows);
        calls[i].rows = NULL;
    }
    return outcome;
}
