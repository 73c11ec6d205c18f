// SPDX-License-Identifier: Apache-2.0
// sweep: finds the sessions that nobody works on any more, ends them and tells their readers; once, or every few
// seconds until SIGTERM or SIGINT; and counts for the statistics what has changed. Several sweepers do no harm: the
// guard in the statement lets only one of them end a session.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include "admin/commands/command.h"
#include "admin/commands/deliver.h"
#include "admin/commands/spans.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/jw.h"
#include "base/log.h"
#include "base/manager.h"
#include "base/signals.h"
#include "store/ingest.h"
#include "store/partition.h"
#include "store/prune.h"
#include "store/statistics.h"
#include "store/sweep.h"

enum { EVERY_MOST = 3600, AWAY_RETRY_S = 1, SOURCES_EVERY_S = 1 };
// Counting for statistics gives way to what people wait for.
static const int64_t COUNTING_NS = INT64_C(500000000);

struct sweep {
    struct pg *pg;
    struct bus *bus;
    struct store_sweep_limits limits;
    sigset_t stop;     // signals that end the sweeper; they are blocked, and taken between two statements
    struct buf *ended; // a printed JSON list of what was ended; NULL: not wanted
};

// Waits until one of the signals comes or `ns` have passed. It is called between any two statements, so it also says
// that the sweeper is alive.
static bool is_told_to_stop(const struct sweep *sweep, int64_t ns)
{
    manager_alive();
    struct timespec wait = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    return sigtimedwait(&sweep->stop, NULL, &wait) > 0;
}

static void note(struct buf *ended, struct str id, const char *code)
{
    jw_open(ended, '{');
    jw_member(ended, "sessionId", id);
    jw_member(ended, "code", str_from(code));
    jw_close(ended, '}');
}

static enum store_outcome end_session(struct sweep *sweep, const struct store_sweep_silent *session)
{
    struct notify_session change;
    struct store_answer answer = store_sweep_end(sweep->pg, session, &sweep->limits, &change);
    enum store_outcome outcome = answer.outcome;
    if (outcome == STORE_OK) {
        notify_session_event(sweep->bus, NOTIFY_FAILED, &change);
        const char *code = store_sweep_code(session->reason);
        log_info("ended session %.*s code=%s", (int)session->id.n, session->id.p, code);
        if (sweep->ended)
            note(sweep->ended, session->id, code);
    }
    store_answer_fini(&answer);
    return outcome;
}

// Makes partitions ahead, and drops one that is no longer used. If the tables are in use now, a later look does it.
static enum store_outcome keep_partitions(const struct sweep *sweep)
{
    int64_t made = 0;
    enum store_outcome outcome = store_partition_make(sweep->pg, &made);
    if (made > 0)
        log_info("made %lld partitions", (long long)made);
    if (store_has_failed(outcome))
        return outcome;
    struct store_answer dropped = store_partition_drop(sweep->pg);
    outcome = dropped.outcome;
    if (outcome == STORE_OK) {
        struct str name = store_partition_name(&dropped);
        log_info("dropped partition %.*s", (int)name.n, name.p);
    }
    store_answer_fini(&dropped);
    return outcome;
}

// Ends what is silent. Returns a failure if the database went away meanwhile; sets *stop if a signal came.
static enum store_outcome end_silent(struct sweep *sweep, enum sweep_scope scope, bool *stop)
{
    struct store_answer found = store_sweep_find(sweep->pg, &sweep->limits, scope);
    enum store_outcome outcome = found.outcome;
    for (int row = 0; !store_has_failed(outcome) && row < store_answer_rows(&found); row++) {
        *stop = is_told_to_stop(sweep, 0);
        if (*stop)
            break;
        struct store_sweep_silent session;
        store_sweep_read(&found, row, &session);
        outcome = end_session(sweep, &session);
    }
    store_answer_fini(&found);
    return store_has_failed(outcome) ? outcome : STORE_OK;
}

static enum store_outcome settle_session(struct sweep *sweep, const char *session)
{
    struct store_answer answer = store_ingest_settle(sweep->pg, session);
    enum store_outcome outcome = answer.outcome;
    if (!store_has_failed(outcome))
        store_ingest_tell(sweep->bus, &answer);
    if (outcome == STORE_WRITTEN)
        log_info("ended session %s, whose root had ended", session);
    store_answer_fini(&answer);
    return outcome;
}

// Ends what came in by the door, has ended at its root, and is silent; as end_silent().
static enum store_outcome settle(struct sweep *sweep, bool *stop)
{
    struct store_answer found = store_ingest_unsettled(sweep->pg);
    enum store_outcome outcome = found.outcome;
    for (int row = 0; !store_has_failed(outcome) && !*stop && row < store_answer_rows(&found); row++) {
        char *session = mem_dup(store_ingest_unsettled_id(&found, row));
        outcome = settle_session(sweep, session);
        free(session);
        *stop = is_told_to_stop(sweep, 0);
    }
    store_answer_fini(&found);
    return store_has_failed(outcome) ? outcome : STORE_OK;
}

// Prunes what is kept no longer, some of it at each look; as end_silent().
static enum store_outcome prune_due(struct sweep *sweep, bool *stop)
{
    struct store_answer found = store_prune_due(sweep->pg);
    enum store_outcome outcome = found.outcome;
    int64_t sessions = 0, steps = 0, deleted = 0;
    for (int row = 0; !store_has_failed(outcome) && !*stop && row < store_answer_rows(&found); row++) {
        char *session = mem_dup(store_prune_id(&found, row));
        outcome = store_prune_session(sweep->pg, sweep->bus, session, &deleted);
        sessions += outcome == STORE_OK;
        steps += deleted;
        free(session);
        *stop = is_told_to_stop(sweep, 0);
    }
    if (sessions)
        log_info("pruned %lld sessions, %lld steps, by the rules of retention", (long long)sessions, (long long)steps);
    store_answer_fini(&found);
    return store_has_failed(outcome) ? outcome : STORE_OK;
}

// What is looked at each second, since sessions of sources have limits of their own.
static enum store_outcome end_sources(struct sweep *sweep, enum sweep_scope scope, bool *stop)
{
    enum store_outcome outcome = end_silent(sweep, scope, stop);
    return outcome == STORE_OK && !*stop ? settle(sweep, stop) : outcome;
}

// Counts what has changed since the last look for the statistics; as end_silent(). With SWEEP_ALL until nothing waits.
static enum store_outcome count_sessions(const struct sweep *sweep, enum sweep_scope scope, bool *stop)
{
    int64_t until = clock_mono_ns() + COUNTING_NS, counted = 1;
    enum store_outcome outcome = STORE_OK;
    while (!*stop && outcome == STORE_OK && counted > 0 && (scope == SWEEP_ALL || clock_mono_ns() < until)) {
        outcome = store_statistics_roll_up(sweep->pg, &counted);
        *stop = is_told_to_stop(sweep, 0);
    }
    return store_has_failed(outcome) ? outcome : STORE_OK;
}

// Looks at everything once; as end_silent().
static enum store_outcome look(struct sweep *sweep, bool *stop)
{
    enum store_outcome outcome = end_sources(sweep, SWEEP_ALL, stop);
    if (!store_has_failed(outcome) && !*stop)
        outcome = store_sweep_tidy(sweep->pg);
    if (!store_has_failed(outcome) && !*stop)
        outcome = prune_due(sweep, stop);
    if (!store_has_failed(outcome) && !*stop)
        outcome = keep_partitions(sweep);
    if (!store_has_failed(outcome) && !*stop)
        outcome = count_sessions(sweep, sweep->ended ? SWEEP_ALL : SWEEP_SOURCES, stop);
    return store_has_failed(outcome) ? outcome : STORE_OK;
}

// What is done each second between two looks.
static enum store_outcome glance(struct sweep *sweep, bool *stop)
{
    enum store_outcome outcome = end_sources(sweep, SWEEP_SOURCES, stop);
    return outcome == STORE_OK && !*stop ? count_sessions(sweep, SWEEP_SOURCES, stop) : outcome;
}

// The processes beside the looks, so that no slow receiver keeps the sweeper from ending sessions.
static struct beside {
    pid_t (*start)(void); // -1: it could not be started; 0: nobody wants it
    pid_t pid;
} besides[] = {{deliver_start, -1}, {spans_start, -1}};
enum { BESIDES = sizeof besides / sizeof besides[0] };

// Starts those that do not run: one may have been killed.
static void keep_besides(void)
{
    for (struct beside *b = besides; b < besides + BESIDES; b++)
        if (b->pid < 0 || (b->pid > 0 && waitpid(b->pid, NULL, WNOHANG) == b->pid))
            b->pid = b->start();
}

static void end_besides(void)
{
    for (struct beside *b = besides; b < besides + BESIDES; b++)
        if (b->pid > 0)
            (void)kill(b->pid, SIGTERM);
    for (struct beside *b = besides; b < besides + BESIDES; b++)
        if (b->pid > 0)
            (void)waitpid(b->pid, NULL, 0);
}

static void go_on(struct sweep *sweep, int64_t every_s)
{
    bool stop = false;
    log_info("sweeping every %lld s: silent for %lld s, pending for %lld s", (long long)every_s,
             (long long)sweep->limits.heartbeat_s, (long long)sweep->limits.pending_s);
    manager_ready();
    for (int64_t left_s = 0; !stop; left_s -= SOURCES_EVERY_S) {
        int64_t began = clock_mono_ns();
        keep_besides();
        bool is_whole = left_s <= 0;
        enum store_outcome outcome = is_whole ? look(sweep, &stop) : glance(sweep, &stop);
        if (is_whole)
            left_s = outcome == STORE_OK ? every_s : AWAY_RETRY_S;
        int64_t rest = began + SOURCES_EVERY_S * INT64_C(1000000000) - clock_mono_ns();
        if (!stop)
            stop = is_told_to_stop(sweep, rest > 0 ? rest : 0);
    }
    manager_stopping();
    end_besides();
    log_info("stopped");
}

static int look_once(const struct admin *admin, struct sweep *sweep)
{
    struct buf ended = {0};
    bool stop = false;
    sweep->ended = &ended;
    buf_char(&ended, '[');
    int status = look(sweep, &stop) == STORE_OK ? ADMIN_OK : ADMIN_FAILED;
    if (status == ADMIN_OK && options_has(&admin->options, OPTION_JSON))
        printf("{\"ended\":%.*s]}\n", (int)ended.n, ended.p);
    buf_fini(&ended);
    return status;
}

int command_sweep(struct admin *admin)
{
    const char *every = admin->options.values[OPTION_EVERY];
    int64_t every_s = 0;
    if (every && (str_to_i64(str_from(every), &every_s) || every_s < 1 || every_s > EVERY_MOST))
        return admin_wrong(admin, "--every takes 1 to %d seconds", EVERY_MOST);
    struct sweep sweep = {
        .pg = admin->pg,
        .bus = admin_bus(),
        .stop = signals_ending(),
        .limits = {config_number(CONFIG_HEARTBEAT_TIMEOUT), config_number(CONFIG_PENDING_TIMEOUT)},
    };
    signals_block();
    int status = ADMIN_OK;
    if (every)
        go_on(&sweep, every_s);
    else
        status = look_once(admin, &sweep);
    bus_free(sweep.bus);
    return status;
}
