// SPDX-License-Identifier: Apache-2.0
#include "store/reader.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/pg_outage.h"
#include "store/pg_value.h"
#include "store/statement.h"

// A standby is usually some milliseconds behind. It is waited for that long, and then left alone for a while: for the
// shorter time if it is only behind, and by one worker at a time, because asking a silent server takes seconds.
enum { POLL_MS = 2, PATIENCE_MS = 50, BEHIND_MS = 1000, AWAY_MS = 5000 };

struct shared {
    int64_t not_before_ns; // CLOCK_MONOTONIC; 0: the standby is read
    int64_t reads[READER_SERVER__MAX];
    bool is_noting;
    struct pg_outage outage; // of whoever has set is_noting
};

struct store_reader {
    struct pg *primary;
    struct pg *standby; // NULL: there is none
    char *url;
    const char *application;
    int64_t deadline_ms;
};

static struct shared *shared;

void store_reader_init(void)
{
    shared = mem_shared(sizeof *shared);
}

static void open_standby(struct store_reader *reader)
{
    reader->standby = pg_new(reader->url, reader->application, reader->deadline_ms);
    pg_mute(reader->standby);
}

struct store_reader *store_reader_new(struct pg *pg, const char *url, const char *application, int64_t deadline_ms)
{
    bool has_standby = url[0] != '\0';
    struct store_reader *reader = mem_zero(sizeof *reader);
    *reader = (struct store_reader){
        .primary = pg, .url = mem_dup(str_from(url)), .application = application, .deadline_ms = deadline_ms};
    if (has_standby)
        open_standby(reader);
    return reader;
}

void store_reader_free(struct store_reader *reader)
{
    if (!reader)
        return;
    pg_free(reader->standby);
    free(reader->url);
    free(reader);
}

int64_t store_reader_count(enum reader_server server)
{
    return __atomic_load_n(&shared->reads[server], __ATOMIC_RELAXED);
}

// Only one worker writes a line; another that would at this moment has the same to say.
static void note_away(const char *why, int64_t pause_ms)
{
    int64_t now = clock_mono_ns();
    __atomic_store_n(&shared->not_before_ns, now + pause_ms * 1000000, __ATOMIC_RELAXED);
    if (__atomic_exchange_n(&shared->is_noting, true, __ATOMIC_ACQUIRE))
        return;
    if (pg_outage_noticed(&shared->outage, now))
        log_warning("lists, search and statistics are read from the primary: %s", why);
    __atomic_store_n(&shared->is_noting, false, __ATOMIC_RELEASE);
}

static void note_back(void)
{
    int64_t lasted_ns;
    if (!__atomic_exchange_n(&shared->not_before_ns, 0, __ATOMIC_RELAXED) ||
        __atomic_exchange_n(&shared->is_noting, true, __ATOMIC_ACQUIRE))
        return;
    if (pg_outage_ended(&shared->outage, clock_mono_ns(), &lasted_ns))
        log_info("lists, search and statistics are read from the standby again after %lld ms",
                 (long long)(lasted_ns / 1000000));
    __atomic_store_n(&shared->is_noting, false, __ATOMIC_RELEASE);
}

// Whether this worker may ask the standby now. Of those that may after a pause the first one does, for all.
static bool has_turn(void)
{
    int64_t now = clock_mono_ns(), not_before = __atomic_load_n(&shared->not_before_ns, __ATOMIC_RELAXED);
    if (!not_before)
        return true;
    return now >= not_before &&
           __atomic_compare_exchange_n(&shared->not_before_ns, &not_before, now + AWAY_MS * INT64_C(1000000), false,
                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

// The database's name and up to where its log was flushed, which is behind everything that was acknowledged; with
// asynchronous commits, up to where it was written.
static const struct pg_statement primary_position PG_STATEMENT = {
    "reader_primary",
    "SELECT e.name, CASE WHEN pg_is_in_recovery() THEN NULL\n"
    "    WHEN current_setting('synchronous_commit') = 'off' THEN pg_current_wal_insert_lsn()\n"
    "    ELSE pg_current_wal_flush_lsn() END::text FROM epoch e",
};

enum { STANDBY_CURRENT, STANDBY_BEHIND, STANDBY_OTHER, STANDBY_NONE };

static const struct pg_statement standby_state PG_STATEMENT = {
    "reader_standby",
    "SELECT CASE WHEN NOT pg_is_in_recovery() THEN 3 WHEN e.name <> $1 THEN 2\n"
    "    WHEN pg_last_wal_replay_lsn() >= $2::pg_lsn THEN 0 ELSE 1 END::integer FROM epoch e",
};

// Waits a little for the standby to replay that position. -1: it does not answer.
static int state_of_standby(struct store_reader *reader, const char *const position[2])
{
    int64_t until_ns = clock_mono_ns() + PATIENCE_MS * INT64_C(1000000);
    for (;;) {
        struct pg_result *rows;
        if (pg_run(reader->standby, &standby_state, 2, position, &rows) != PG_OK)
            return -1;
        int state = pg_rows(rows) ? (int)pg_i64(rows, 0, 0) : STANDBY_OTHER;
        pg_clear(rows);
        if (state != STANDBY_BEHIND || clock_mono_ns() >= until_ns)
            return state;
        (void)poll(NULL, 0, POLL_MS);
    }
}

static bool is_standby_current(struct store_reader *reader, const char *const position[2])
{
    switch (state_of_standby(reader, position)) {
    case STANDBY_CURRENT:
        note_back();
        return true;
    case STANDBY_BEHIND:
        note_away("the standby is behind it", BEHIND_MS);
        return false;
    case STANDBY_OTHER:
        note_away("TRACE_READ_DATABASE_URL names the standby of another database", AWAY_MS);
        return false;
    case STANDBY_NONE:
        // It was promoted, or the URL may mean any server: the next connection finds out anew.
        note_away("the server of TRACE_READ_DATABASE_URL is no standby", AWAY_MS);
        pg_free(reader->standby);
        open_standby(reader);
        return false;
    default:
        note_away(pg_why(reader->standby), AWAY_MS);
        return false;
    }
}

// Without the primary's word nothing is known of what the standby lacks.
static bool may_read_standby(struct store_reader *reader)
{
    if (!reader->standby || !has_turn())
        return false;
    struct store_answer answer = store_statement_find(reader->primary, &primary_position, 0, NULL);
    bool may = false;
    if (answer.outcome == STORE_OK && !pg_is_null(answer.rows, 0, 1)) {
        char *name = mem_dup(pg_str(answer.rows, 0, 0)), *position = mem_dup(pg_str(answer.rows, 0, 1));
        may = is_standby_current(reader, (const char *const[]){name, position});
        free(name);
        free(position);
    }
    store_answer_fini(&answer);
    return may;
}

static void count(enum reader_server server)
{
    __atomic_add_fetch(&shared->reads[server], 1, __ATOMIC_RELAXED);
}

// A standby that replays what conflicts with the statement ends it, and so does one that is lost meanwhile.
struct store_answer store_reader_decide(struct store_reader *reader, const struct pg_statement *statement, int n,
                                        const char *const params[])
{
    if (may_read_standby(reader)) {
        struct store_answer answer = store_statement_decide(reader->standby, statement, n, params);
        if (!store_has_failed(answer.outcome)) {
            count(READER_STANDBY);
            return answer;
        }
        store_answer_fini(&answer);
        // The next ones would wait for their end there, too.
        note_away("the standby did not finish a statement", BEHIND_MS);
    }
    count(READER_PRIMARY);
    return store_statement_decide(reader->primary, statement, n, params);
}
