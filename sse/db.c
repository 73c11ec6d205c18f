// SPDX-License-Identifier: Apache-2.0
#include "sse/db.h"

#include <assert.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/pg.h"
#include "store/pg_dial.h"
#include "store/pusher.h"
#include "store/room.h"
#include "sse/answers.h"
#include "sse/queries.h"

// How far each comparison overlaps the one before: a commit may become visible late, and the statement leaves out the
// last second.
#define NEWS_MARGIN_US INT64_C(10000000)

// Plans are made anew each time: queries are few, and an array of one room needs another plan than one of a thousand.
// The server gives a query up a little before the pusher takes it for dead.
#define SETTINGS "-c jit=off -c plan_cache_mode=force_custom_plan -c statement_timeout="

enum { RETRY_LEAST_MS = 100, RETRY_MOST_MS = 2000, SERVER_FIRST_MS = 200, LATE_MS = 2000 };

// What a new connection prepares, in this order, before it is used.
static const struct pg_statement *const prepared[] = {
    &store_room_events, &store_room_state,         &store_room_snapshot, &store_room_counters,
    &store_pusher_news, &store_pusher_revocations, &store_pusher_clock,  &store_room_contents};
enum { PREPARED_N = sizeof prepared / sizeof prepared[0] };

enum db_state {
    DB_DOWN,
    DB_CONNECTING,
    DB_PREPARING, // LISTEN and the statements
    DB_IDLE,
    DB_QUERYING,
};

struct db {
    struct pusher *p;
    struct watch watch; // fd -1: nothing is watched
    PGconn *conn;
    enum db_state state;
    struct pg_dial *dial;
    int64_t deadline_ms; // of a query's answer
    int64_t check_ns;
    int64_t since_ns; // when the state was entered
    int64_t retry_at_ns;
    int retry_ms;
    int preparing; // 0: LISTEN, then prepared[preparing - 1]
    bool failed;   // the query's result was an error
    bool said_down;
    struct query query;
    int64_t check_at_ns;
    size_t check_next; // where in the table of rooms the comparison continues; 0: at its start
    bool ask_news;
    int64_t news_since_us; // wall clock: news up to then are known; 0: none are
    int64_t news_asked_us;
    bool ask_clock;
    bool ask_revoked;
    int64_t revoked_since_us; // wall clock: revocations up to then are known
    int64_t revoked_asked;    // the last question that the query for them answers (p->revoked_wanted)
    int hole_ms;              // from queries_gather()
};

static void enter(struct db *db, enum db_state state)
{
    db->state = state;
    db->since_ns = db->p->now_ns;
}

struct db *db_new(struct pusher *p, const char *url, int64_t check_ms, int64_t deadline_ms)
{
    struct db *db = mem_zero(sizeof *db);
    struct buf settings = {0};
    db->p = p;
    db->watch = (struct watch){WATCH_DATABASE, -1};
    buf_lit(&settings, SETTINGS);
    buf_i64(&settings, deadline_ms - SERVER_FIRST_MS);
    db->dial = pg_dial_new(url, "trace-pusher", buf_cstr(&settings));
    buf_fini(&settings);
    db->deadline_ms = deadline_ms;
    db->check_ns = check_ms * 1000000;
    db->retry_ms = RETRY_LEAST_MS;
    db->hole_ms = -1;
    p->wall_ahead_us = clock_wall_us() - clock_mono_ns() / 1000;
    return db;
}

// libpq may have closed or replaced its socket meanwhile, so the old one is removed by its number.
static void watch(struct db *db, int fd, uint32_t events)
{
    if (db->watch.fd >= 0 && db->watch.fd != fd)
        (void)epoll_ctl(db->p->epoll, EPOLL_CTL_DEL, db->watch.fd, NULL);
    db->watch.fd = fd;
    struct epoll_event event = {.events = events, .data.ptr = &db->watch};
    if (fd >= 0 && epoll_ctl(db->p->epoll, EPOLL_CTL_MOD, fd, &event) && errno == ENOENT &&
        epoll_ctl(db->p->epoll, EPOLL_CTL_ADD, fd, &event))
        log_error("cannot watch the connection to the database: %s", strerror(errno));
}

static void unwatch(struct db *db)
{
    if (db->watch.fd >= 0)
        (void)epoll_ctl(db->p->epoll, EPOLL_CTL_DEL, db->watch.fd, NULL);
    db->watch.fd = -1;
}

static void hang_up(struct db *db)
{
    unwatch(db);
    PQfinish(db->conn);
    db->conn = NULL;
}

void db_free(struct db *db)
{
    if (!db)
        return;
    hang_up(db);
    queries_fini(&db->query);
    pg_dial_free(db->dial);
    free(db);
}

bool db_is_up(const struct db *db)
{
    return db->state == DB_IDLE ||
           (db->state == DB_QUERYING && db->p->now_ns - db->since_ns < LATE_MS * INT64_C(1000000));
}

static void lose(struct db *db, const char *why)
{
    if (!db->said_down)
        log_error("the database is lost: %s", why);
    db->said_down = true;
    db->p->counters.database_losses++;
    if (db->state == DB_QUERYING) {
        db->p->counters.queries_failed++;
        queries_failed(&db->query, db->p);
        // There may be too many to tell: then the older half is given up.
        if (db->query.kind == QUERY_NEWS && db->news_since_us)
            db->news_since_us += (db->news_asked_us - db->news_since_us) / 2;
    }
    if (db->conn)
        pg_dial_lost(db->dial);
    hang_up(db);
    enter(db, DB_DOWN);
    db->retry_at_ns = db->p->now_ns + pusher_random(db->retry_ms / 2, db->retry_ms) * INT64_C(1000000);
    db->retry_ms = db->retry_ms * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : db->retry_ms * 2;
}

static void lose_by_error(struct db *db)
{
    struct buf why = {0};
    buf_str(&why, str_from(PQerrorMessage(db->conn)));
    lose(db, buf_cstr(&why));
    buf_fini(&why);
}

static void flush(struct db *db)
{
    int rest = PQflush(db->conn);
    if (rest < 0)
        lose_by_error(db);
    else
        watch(db, PQsocket(db->conn), rest ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void prepare(struct db *db)
{
    int sent = db->preparing == 0 ? PQsendQuery(db->conn, "LISTEN trace_revocations")
                                  : PQsendPrepare(db->conn, prepared[db->preparing - 1]->name,
                                                  prepared[db->preparing - 1]->sql, 0, NULL);
    if (!sent)
        lose_by_error(db);
    else
        flush(db);
}

static void connected(struct db *db)
{
    db->conn = pg_dial_take(db->dial);
    (void)PQsetNoticeReceiver(db->conn, pg_remark, NULL);
    enter(db, DB_PREPARING);
    db->preparing = 0;
    if (PQsetnonblocking(db->conn, 1))
        lose_by_error(db);
    else
        prepare(db);
}

static void connecting(struct db *db)
{
    // A step may close the descriptor, and another one may have its number afterwards.
    unwatch(db);
    switch (pg_dial_step(db->dial, db->p->now_ns)) {
    case PG_DIAL_WAITS:
        watch(db, pg_dial_fd(db->dial), pg_dial_events(db->dial) & POLLIN ? EPOLLIN : EPOLLOUT);
        break;
    case PG_DIAL_DONE:
        connected(db);
        break;
    case PG_DIAL_FAILED:
        lose(db, pg_dial_error(db->dial));
        break;
    }
}

static void start(struct db *db)
{
    pg_dial_start(db->dial, db->p->now_ns);
    enter(db, DB_CONNECTING);
    connecting(db);
}

static void prepared_one(struct db *db)
{
    if (++db->preparing <= PREPARED_N) {
        prepare(db);
        return;
    }
    if (db->said_down)
        log_info("the database is back");
    db->said_down = false;
    db->retry_ms = RETRY_LEAST_MS;
    // While the link was down, hints of any kind may have been lost and revocations missed.
    db->ask_clock = db->ask_revoked = true;
    db->check_at_ns = db->p->now_ns;
    enter(db, DB_IDLE);
}

static void take_result(struct db *db, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    db->failed |= status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
    if (db->failed)
        log_error("the database refused %s: %s", db->state == DB_QUERYING ? db->query.statement->name : "a preparation",
                  PQresultErrorMessage(result));
    else if (db->state == DB_QUERYING)
        answers_take(&db->query, db->p, result);
}

static void result_complete(struct db *db)
{
    bool failed = db->failed;
    db->failed = false;
    if (failed) {
        // Whatever the cause, a new connection starts clean, and only after a pause.
        lose(db, "a query failed");
    } else if (db->state == DB_PREPARING) {
        prepared_one(db);
    } else if (db->state == DB_QUERYING) {
        queries_succeeded(&db->query, db->p);
        if (db->query.kind == QUERY_REVOKED) {
            db->revoked_since_us = db->p->now_wall_us;
            db->p->revoked_known = db->revoked_asked;
        }
        if (!db->ask_revoked)
            db->p->rights_known_us = db->p->now_wall_us;
        if (db->query.kind == QUERY_NEWS)
            db->news_since_us = db->news_asked_us - NEWS_MARGIN_US;
        enter(db, DB_IDLE);
    }
}

static void take_notifies(struct db *db)
{
    for (PGnotify *notify; (notify = PQnotifies(db->conn)); PQfreemem(notify))
        db->ask_revoked = true;
}

static void take_results(struct db *db)
{
    if (!PQconsumeInput(db->conn)) {
        lose_by_error(db);
        return;
    }
    while ((db->state == DB_PREPARING || db->state == DB_QUERYING) && !PQisBusy(db->conn)) {
        PGresult *result = PQgetResult(db->conn);
        if (result)
            take_result(db, result);
        else
            result_complete(db);
        PQclear(result);
    }
    // Only now: libpq looks for notifications behind a result once that result has been taken.
    if (db->conn)
        take_notifies(db);
    if (db->conn && PQstatus(db->conn) == CONNECTION_BAD)
        lose_by_error(db);
}

void db_ready(struct db *db, uint32_t events)
{
    if (db->state == DB_CONNECTING) {
        connecting(db);
    } else if (db->state != DB_DOWN) {
        if (events & EPOLLOUT)
            flush(db);
        if (db->conn && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
            take_results(db);
    }
}

// Chooses the next query, the most urgent first: the clock, by which rights are judged; rights; what readers wait for;
// and last the comparison of the counters.
static bool next_query(struct db *db)
{
    struct pusher *p = db->p;
    db->hole_ms = -1;
    if (db->ask_clock) {
        db->ask_clock = false;
        queries_clock(&db->query);
        return true;
    }
    if (db->ask_revoked || db->revoked_asked < p->revoked_wanted) {
        db->ask_revoked = false;
        db->revoked_asked = p->revoked_wanted;
        // Far enough back for streams that were authorised before it, and for revocations that commit late.
        int64_t least = p->now_wall_us - INT64_C(70000000);
        int64_t since = db->revoked_since_us ? db->revoked_since_us - INT64_C(70000000) : least;
        queries_revoked(&db->query, since < least ? since : least);
        return true;
    }
    if (queries_gather(&db->query, p, &db->hole_ms))
        return true;
    if (db->ask_news) {
        db->ask_news = false;
        db->news_asked_us = p->now_wall_us;
        int64_t most = p->now_wall_us - NEWS_MARGIN_US;
        queries_news(&db->query, db->news_since_us && db->news_since_us < most ? db->news_since_us : most);
        return true;
    }
    if (p->now_ns < db->check_at_ns)
        return false;
    bool any = queries_check(&db->query, p, &db->check_next);
    if (db->check_next == 0) {
        db->check_at_ns = p->now_ns + db->check_ns;
        db->ask_clock = true;
        db->ask_news = true; // even when no room is watched, so that a database that hangs is noticed
    }
    return any;
}

static void ask(struct db *db)
{
    if (!next_query(db))
        return;
    struct query *q = &db->query;
    const char *params[QUERY_PARAMS];
    for (int i = 0; i < q->n; i++)
        params[i] = buf_cstr(&q->params[i]);
    db->p->counters.queries[q->kind]++;
    enter(db, DB_QUERYING);
    if (!PQsendQueryPrepared(db->conn, q->statement->name, q->n, params, NULL, NULL, 1))
        lose_by_error(db);
    else
        flush(db);
}

void db_step(struct db *db)
{
    int64_t waited_ms = (db->p->now_ns - db->since_ns) / 1000000;
    switch (db->state) {
    case DB_DOWN:
        if (db->p->now_ns >= db->retry_at_ns)
            start(db);
        break;
    case DB_CONNECTING:
        if (db->p->now_ns >= pg_dial_until_ns(db->dial))
            connecting(db);
        break;
    case DB_IDLE:
        ask(db);
        break;
    case DB_PREPARING:
    case DB_QUERYING:
        if (waited_ms > db->deadline_ms)
            lose(db, "it does not answer");
        break;
    }
}

int db_timeout_ms(const struct db *db, int most)
{
    return db->state == DB_IDLE && db->hole_ms >= 0 && db->hole_ms < most ? db->hole_ms : most;
}
