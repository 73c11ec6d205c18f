// SPDX-License-Identifier: Apache-2.0
#include "store/ingest.h"

#include <assert.h>
#include "base/jw.h"
#include "store/notify_columns.h"
#include "store/put_list.h"
#include "store/statement.h"
#include "store/step_columns.h"

// Seconds without a sign of life after which a session whose root has ended is over: of one in which nothing is open,
// and of one in which something is, which never ends then.
#define QUIET_S "2"
#define QUIET_OPEN_S "30"

static const struct pg_statement find_token PG_STATEMENT = {
    "ingest_token",
    "SELECT code, coalesce(is_only, false), workspace_id FROM ingest_caller($1)",
};

struct store_answer store_ingest_token(struct pg *pg, const char *secret, struct store_ingest_caller *caller)
{
    struct store_answer answer = store_statement_decide(pg, &find_token, 1, (const char *const[]){secret});
    *caller = (struct store_ingest_caller){0};
    if (answer.outcome == STORE_OK)
        *caller = (struct store_ingest_caller){pg_bool(answer.rows, 0, 1), pg_str(answer.rows, 0, 2)};
    return answer;
}

static void print_session(struct buf *b, const struct store_ingest_session *in)
{
    jw_open(b, '{');
    jw_key(b, "source");
    jw_open(b, '{');
    jw_member(b, "kind", in->source_kind);
    jw_member(b, "client", in->client);
    jw_member(b, "version", in->client_version);
    jw_close(b, '}');
    jw_member(b, "external_id", in->external_id);
    jw_member(b, "title", in->title);
    jw_member_i64(b, "title_rank", in->title_rank);
    jw_member(b, "thread_key", in->thread_key);
    jw_member(b, "user_key", in->user_key);
    jw_member(b, "environment", in->environment);
    jw_member(b, "project", in->project);
    jw_member(b, "system_prompt", in->system_prompt);
    jw_member_raw(b, "tags", in->tags);
    jw_member_raw(b, "metadata", in->metadata);
    jw_member_raw(b, "tools", in->tools);
    jw_member_raw(b, "seeks", in->seeks);
    if (in->hidden.n) {
        jw_key(b, "hidden");
        jw_open(b, '[');
        buf_str(b, in->hidden);
        jw_close(b, ']');
    }
    jw_member_bool(b, "may_create", in->may_create);
    if (in->started_us)
        jw_member_i64(b, "started", in->started_us);
    jw_member(b, "root_step_id", in->root_step_id);
    jw_member(b, "root_outcome", in->root_outcome);
    jw_close(b, '}');
}

// The columns of both statements that tell: of a row of the type ingest_told.
enum { CODE, KIND, REFUSED, SEQ, ID, SESSION, STEP = SESSION + NOTIFY_COLUMNS };
#define TOLD                                                                                                           \
    "SELECT t.code, t.kind, t.refused, t.seq, t.session, (t.news).*,\n"                                                \
    "       " STEP_COLUMNS_BRIEF "\n"
#define TOLD_STEP "t CROSS JOIN LATERAL (SELECT (t.step).*) p"

static const struct pg_statement write_trace PG_STATEMENT = {
    "ingest_trace",
    TOLD "FROM ingest_trace($1, $2::json, $3::json, $4::integer) " TOLD_STEP,
};

enum store_outcome store_ingest_write(struct pg *pg, const char *secret, const struct store_ingest_trace traces[],
                                      int n, struct store_answer answers[])
{
    enum { SECRET, SAID, STEPS, MOST, PARAMS };
    const char *params[STORE_INGEST_TRACES_MAX][PARAMS];
    struct pg_call calls[STORE_INGEST_TRACES_MAX];
    struct buf said[STORE_INGEST_TRACES_MAX] = {{0}}, steps[STORE_INGEST_TRACES_MAX] = {{0}}, most = {0};
    assert(n <= STORE_INGEST_TRACES_MAX);
    buf_i64(&most, STORE_INGEST_TOLD_MAX);
    for (int i = 0; i < n; i++) {
        print_session(&said[i], &traces[i].session);
        store_put_list_print(&steps[i], traces[i].steps, traces[i].n);
        params[i][SECRET] = secret;
        params[i][SAID] = buf_cstr(&said[i]);
        params[i][STEPS] = buf_cstr(&steps[i]);
        params[i][MOST] = buf_cstr(&most);
        calls[i] = (struct pg_call){&write_trace, PARAMS, params[i], NULL};
    }
    enum pg_outcome outcome = pg_persist_all(pg, calls, n);
    for (int i = 0; i < n; i++) {
        if (outcome == PG_OK)
            answers[i] = (struct store_answer){(enum store_outcome)pg_i64(calls[i].rows, 0, CODE), calls[i].rows};
        buf_fini(&said[i]);
        buf_fini(&steps[i]);
    }
    buf_fini(&most);
    return outcome == PG_OK ? STORE_OK : store_statement_failed(outcome, &write_trace);
}

int64_t store_ingest_refused(const struct store_answer *answer)
{
    return pg_i64(answer->rows, 0, REFUSED);
}

static const struct pg_statement unsettled PG_STATEMENT = {
    "ingest_unsettled",
    "SELECT x.id FROM agent_sessions x JOIN steps p ON p.session_id = x.id AND p.id = x.root_step_id\n"
    "WHERE x.status = 'running' AND x.at_door AND p.end_seq IS NOT NULL AND ingest_is_quiet(x, $1::float8, $2::float8)\n"
    "ORDER BY x.created_at LIMIT 500",
};

struct store_answer store_ingest_unsettled(struct pg *pg)
{
    return store_statement_list(pg, &unsettled, 2, (const char *const[]){QUIET_S, QUIET_OPEN_S});
}

struct str store_ingest_unsettled_id(const struct store_answer *answer, int row)
{
    return pg_str(answer->rows, row, 0);
}

static const struct pg_statement settle PG_STATEMENT = {
    "ingest_settle",
    TOLD "FROM ingest_settle($1, $2::float8, $3::float8) " TOLD_STEP,
};

struct store_answer store_ingest_settle(struct pg *pg, const char *session)
{
    return store_statement_decide(pg, &settle, 3, (const char *const[]){session, QUIET_S, QUIET_OPEN_S});
}

static void tell_step(struct bus *bus, const struct pg_result *rows, int row)
{
    struct step_row step;
    step_columns_read(&step, rows, row, STEP);
    notify_step(bus, &step, pg_i64(rows, row, SEQ));
}

void store_ingest_tell(struct bus *bus, const struct store_answer *answer)
{
    static const struct {
        struct str kind;
        enum notify_event event;
    } events[] = {
        {{"started", 7}, NOTIFY_STARTED},     {{"updated", 7}, NOTIFY_UPDATED}, {{"reopened", 8}, NOTIFY_REOPENED},
        {{"completed", 9}, NOTIFY_COMPLETED}, {{"failed", 6}, NOTIFY_FAILED},   {{"cancelled", 9}, NOTIFY_CANCELLED},
    };
    for (int row = 0; row < store_answer_rows(answer); row++) {
        struct str kind = pg_str(answer->rows, row, KIND);
        struct notify_session session;
        notify_columns_read(&session, answer->rows, row, SESSION);
        if (str_eq(kind, STR("step")))
            tell_step(bus, answer->rows, row);
        else if (str_eq(kind, STR("steps")))
            notify_last_step(bus, pg_str(answer->rows, row, ID), pg_i64(answer->rows, row, SEQ));
        else if (str_eq(kind, STR("grown")))
            notify_session_changed(bus, &session);
        for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
            if (str_eq(kind, events[i].kind))
                notify_session_event(bus, events[i].event, &session);
    }
}
