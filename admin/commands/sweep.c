// sweep: finds the sessions that nobody works on any more, ends them and tells everybody; once, or every few seconds
// until SIGTERM or SIGINT. Several sweepers do no harm: the guard in the statement lets one of them end a session.
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "admin/commands/command.h"
#include "lib/clock.h"
#include "lib/config.h"
#include "lib/jw.h"
#include "lib/log.h"
#include "lib/store_sweep.h"

enum { EVERY_MOST = 3600, AWAY_RETRY_S = 1 };

struct sweep {
    struct pg *pg;
    struct bus *bus;
    struct store_sweep_limits limits;
    sigset_t stop;     // signals that end the sweeper; they are blocked, and taken between two statements
    struct buf *ended; // a printed JSON list of what was ended; NULL: not wanted
};

// Waits until one of the signals comes or `ns` have passed.
static bool is_told_to_stop(const struct sweep *sweep, int64_t ns)
{
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

static enum store_outcome end_session(struct sweep *sweep, struct str id, struct str status)
{
    PGresult *rows = NULL;
    enum store_outcome outcome = store_sweep_end(sweep->pg, id, status, &sweep->limits, &rows);
    if (outcome == STORE_OK) {
        struct publish_session session;
        publish_read(&session, rows, 0, 0);
        publish_session_event(sweep->bus, PUBLISH_FAILED, &session);
        log_info("ended session %.*s code=%s", (int)id.n, id.p, store_sweep_code(status));
        if (sweep->ended)
            note(sweep->ended, id, store_sweep_code(status));
    }
    PQclear(rows);
    return outcome;
}

// One look. STORE_DOWN if the database went away meanwhile; *stop if a signal came.
static enum store_outcome look(struct sweep *sweep, bool *stop)
{
    PGresult *found = NULL;
    enum store_outcome outcome = store_sweep_find(sweep->pg, &sweep->limits, &found);
    for (int row = 0; outcome != STORE_DOWN && row < PQntuples(found); row++) {
        *stop = is_told_to_stop(sweep, 0);
        if (*stop)
            break;
        outcome = end_session(sweep, pg_str(found, row, 0), pg_str(found, row, 1));
    }
    PQclear(found);
    if (outcome != STORE_DOWN && !*stop)
        outcome = store_sweep_tidy(sweep->pg);
    return outcome == STORE_DOWN ? STORE_DOWN : STORE_OK;
}

static void go_on(struct sweep *sweep, int64_t every_s)
{
    bool stop = false;
    log_info("sweeping every %lld s: silent for %lld s, pending for %lld s", (long long)every_s,
             (long long)sweep->limits.heartbeat_s, (long long)sweep->limits.pending_s);
    while (!stop) {
        int64_t began = clock_mono_ns();
        int64_t pause_s = look(sweep, &stop) == STORE_OK ? every_s : AWAY_RETRY_S;
        int64_t rest = began + pause_s * INT64_C(1000000000) - clock_mono_ns();
        if (!stop)
            stop = is_told_to_stop(sweep, rest > 0 ? rest : 0);
    }
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
    char longest[108];
    (void)config_socket(longest, "pusher-64.hint");
    struct sweep sweep = {
        .pg = admin->pg,
        .bus = bus_new(config_text(CONFIG_SOCKET_DIR), (int)config_number(CONFIG_PUSHERS)),
        .limits = {config_number(CONFIG_HEARTBEAT_TIMEOUT), config_number(CONFIG_PENDING_TIMEOUT)},
    };
    (void)sigemptyset(&sweep.stop);
    (void)sigaddset(&sweep.stop, SIGTERM);
    (void)sigaddset(&sweep.stop, SIGINT);
    int blocked = sigprocmask(SIG_BLOCK, &sweep.stop, NULL);
    assert(blocked == 0);
    int status = ADMIN_OK;
    if (every)
        go_on(&sweep, every_s);
    else
        status = look_once(admin, &sweep);
    bus_free(sweep.bus);
    return status;
}
