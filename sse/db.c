#include "sse/db.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/pg.h"
#include "lib/pg_options.h"
#include "lib/store_replay.h"
#include "sse/questions.h"

// Reread at every comparison: commits may take a while to be seen, and the statement leaves out the last second.
#define NEWS_MARGIN_US INT64_C(10000000)

// Plans are made anew each time: questions are few, and arrays of one or of a thousand rooms want different ones.
#define SETTINGS "-c statement_timeout=10000 -c jit=off -c plan_cache_mode=force_custom_plan"

enum {
    RETRY_LEAST_MS = 100,
    RETRY_MOST_MS = 2000,
    CONNECT_TIMEOUT_MS = 5000,
    ANSWER_TIMEOUT_MS = 15000,
    LATE_MS = 2000
};

// What a fresh connection does before it is of use, in this order.
static const struct pg_statement *const prepared[] = {
    &store_replay_events, &store_replay_state,       &store_replay_snapshot, &store_replay_counters,
    &store_replay_news,   &store_replay_revocations, &store_replay_clock};
enum { PREPARED_N = sizeof prepared / sizeof prepared[0] };

enum db_state {
    DB_DOWN,
    DB_CONNECTING,
    DB_PREPARING, // LISTEN and the statements
    DB_IDLE,
    DB_ASKED,
};

struct db {
    struct pusher *p;
    struct watch watch; // fd -1: nothing is watched
    PGconn *conn;
    enum db_state state;
    char *url;
    char *options;
    int64_t check_ns;
    int64_t since; // when the state was entered
    int64_t retry_at;
    int retry_ms;
    int preparing; // 0: LISTEN, then prepared[preparing - 1]
    bool failed;   // the question's result was an error
    bool said_down;
    struct question question;
    int64_t check_at;
    size_t check_next; // where in the table of rooms the comparison goes on; 0: from the start
    bool ask_news;
    int64_t news_since; // wall µs: what hints told before is certain; 0: nothing is
    int64_t news_asked;
    bool ask_clock;
    bool ask_revoked;
    int64_t revoked_since; // wall µs: revocations up to then are known
    int hole_ms;           // see question_gather
};

static void enter(struct db *db, enum db_state state)
{
    db->state = state;
    db->since = db->p->now;
}

struct db *db_new(struct pusher *p, const char *url, int64_t check_ms)
{
    struct db *db = mem_zero(sizeof *db);
    db->p = p;
    db->watch = (struct watch){WATCH_DATABASE, -1};
    db->url = mem_dup(str_from(url));
    db->options = pg_options(url, SETTINGS);
    char *name = pg_options_host_name(url);
    if (name)
        log_warning("the database's host %s is a name: all streams wait while it is looked up, at every connect", name);
    free(name);
    db->check_ns = check_ms * 1000000;
    db->retry_ms = RETRY_LEAST_MS;
    db->hole_ms = -1;
    p->wall_ahead = clock_wall_us() - clock_mono_ns() / 1000;
    return db;
}

// libpq may have closed or changed its socket meanwhile, so the old one is forgotten by its number.
static void watch(struct db *db, uint32_t events)
{
    int fd = db->conn ? PQsocket(db->conn) : -1;
    if (db->watch.fd >= 0 && db->watch.fd != fd)
        (void)epoll_ctl(db->p->epoll, EPOLL_CTL_DEL, db->watch.fd, NULL);
    db->watch.fd = fd;
    struct epoll_event event = {.events = events, .data.ptr = &db->watch};
    if (fd >= 0 && epoll_ctl(db->p->epoll, EPOLL_CTL_MOD, fd, &event) && errno == ENOENT &&
        epoll_ctl(db->p->epoll, EPOLL_CTL_ADD, fd, &event))
        log_error("cannot watch the database: %s", strerror(errno));
}

static void hang_up(struct db *db)
{
    if (db->watch.fd >= 0)
        (void)epoll_ctl(db->p->epoll, EPOLL_CTL_DEL, db->watch.fd, NULL);
    db->watch.fd = -1;
    PQfinish(db->conn);
    db->conn = NULL;
}

void db_free(struct db *db)
{
    if (!db)
        return;
    hang_up(db);
    question_fini(&db->question);
    free(db->url);
    free(db->options);
    free(db);
}

bool db_is_up(const struct db *db)
{
    return db->state == DB_IDLE || (db->state == DB_ASKED && db->p->now - db->since < LATE_MS * INT64_C(1000000));
}

static void lose(struct db *db, const char *why)
{
    if (!db->said_down)
        log_error("no database: %s", why);
    db->said_down = true;
    db->p->metrics.database_losses++;
    if (db->state == DB_ASKED) {
        db->p->metrics.questions_failed++;
        question_failed(&db->question, db->p);
    }
    hang_up(db);
    enter(db, DB_DOWN);
    db->retry_at = db->p->now + pusher_random(db->retry_ms / 2, db->retry_ms) * INT64_C(1000000);
    db->retry_ms = db->retry_ms * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : db->retry_ms * 2;
}

static void lose_by_error(struct db *db)
{
    struct buf why = {0};
    buf_str(&why, str_from(PQerrorMessage(db->conn)));
    lose(db, buf_cstr(&why));
    buf_fini(&why);
}

static void start(struct db *db)
{
    static const char *const keys[] = {"dbname", "fallback_application_name", "options", NULL};
    const char *values[] = {db->url, "trace-pusher", db->options, NULL};
    db->conn = PQconnectStartParams(keys, values, 1);
    if (!db->conn)
        abort();
    (void)PQsetNoticeReceiver(db->conn, pg_remark, NULL);
    enter(db, DB_CONNECTING);
    if (PQstatus(db->conn) == CONNECTION_BAD || PQsetnonblocking(db->conn, 1))
        lose_by_error(db);
    else
        watch(db, EPOLLOUT);
}

static void flush(struct db *db)
{
    int rest = PQflush(db->conn);
    if (rest < 0)
        lose_by_error(db);
    else
        watch(db, rest ? EPOLLIN | EPOLLOUT : EPOLLIN);
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

static void connecting(struct db *db)
{
    switch (PQconnectPoll(db->conn)) {
    case PGRES_POLLING_READING:
        watch(db, EPOLLIN);
        break;
    case PGRES_POLLING_WRITING:
        watch(db, EPOLLOUT);
        break;
    case PGRES_POLLING_OK:
        enter(db, DB_PREPARING);
        db->preparing = 0;
        prepare(db);
        break;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE:
        lose_by_error(db);
        break;
    }
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
    // While the link was away, hints of any kind may have been lost, and revocations unheard.
    db->ask_clock = db->ask_revoked = true;
    db->check_at = db->p->now;
    enter(db, DB_IDLE);
}

static void take_result(struct db *db, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    db->failed |= status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
    if (db->failed)
        log_error("the database refused %s: %s", db->state == DB_ASKED ? db->question.statement->name : "to begin",
                  PQresultErrorMessage(result));
    else if (db->state == DB_ASKED)
        question_answered(&db->question, db->p, result);
}

static void result_complete(struct db *db)
{
    bool failed = db->failed;
    db->failed = false;
    if (failed) {
        // Whatever it was, a new connection starts clean, and later.
        lose(db, "a question failed");
    } else if (db->state == DB_PREPARING) {
        prepared_one(db);
    } else if (db->state == DB_ASKED) {
        if (db->question.kind == ASK_REVOKED)
            db->revoked_since = db->p->now_wall;
        if (db->question.kind == ASK_NEWS)
            db->news_since = db->news_asked - NEWS_MARGIN_US;
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
    while ((db->state == DB_PREPARING || db->state == DB_ASKED) && !PQisBusy(db->conn)) {
        PGresult *result = PQgetResult(db->conn);
        if (result)
            take_result(db, result);
        else
            result_complete(db);
        PQclear(result);
    }
    // Not before: libpq looks behind a result only when that has been taken.
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

// What comes first: the time, by which rights are judged, rights, then what readers wait for, then the comparison of
// the counters.
static bool next_question(struct db *db)
{
    struct pusher *p = db->p;
    db->hole_ms = -1;
    if (db->ask_clock) {
        db->ask_clock = false;
        question_clock(&db->question);
        return true;
    }
    if (db->ask_revoked) {
        db->ask_revoked = false;
        // Long enough ago for whoever was authorised before, or commits late.
        int64_t least = p->now_wall - INT64_C(70000000);
        int64_t since = db->revoked_since ? db->revoked_since - INT64_C(70000000) : least;
        question_revoked(&db->question, since < least ? since : least);
        return true;
    }
    if (question_gather(&db->question, p, &db->hole_ms))
        return true;
    if (db->ask_news) {
        db->ask_news = false;
        db->news_asked = p->now_wall;
        int64_t most = p->now_wall - NEWS_MARGIN_US;
        question_news(&db->question, db->news_since && db->news_since < most ? db->news_since : most);
        return true;
    }
    if (p->now < db->check_at)
        return false;
    bool any = question_check(&db->question, p, &db->check_next);
    if (db->check_next == 0) {
        db->check_at = p->now + db->check_ns;
        db->ask_clock = true;
        db->ask_news = true; // also where nobody watches: so a database that hangs is noticed
    }
    return any;
}

static void ask(struct db *db)
{
    if (!next_question(db))
        return;
    struct question *q = &db->question;
    const char *params[QUESTION_PARAMS];
    for (int i = 0; i < q->n; i++)
        params[i] = buf_cstr(&q->params[i]);
    db->p->metrics.questions[q->kind]++;
    enter(db, DB_ASKED);
    if (!PQsendQueryPrepared(db->conn, q->statement->name, q->n, params, NULL, NULL, 1))
        lose_by_error(db);
    else
        flush(db);
}

void db_step(struct db *db)
{
    int64_t waited_ms = (db->p->now - db->since) / 1000000;
    switch (db->state) {
    case DB_DOWN:
        if (db->p->now >= db->retry_at)
            start(db);
        break;
    case DB_CONNECTING:
    case DB_PREPARING:
        if (waited_ms > CONNECT_TIMEOUT_MS)
            lose(db, "it does not answer");
        break;
    case DB_IDLE:
        ask(db);
        break;
    case DB_ASKED:
        if (waited_ms > ANSWER_TIMEOUT_MS)
            lose(db, "it does not answer");
        break;
    }
}

int db_timeout_ms(const struct db *db, int most)
{
    return db->state == DB_IDLE && db->hole_ms >= 0 && db->hole_ms < most ? db->hole_ms : most;
}
