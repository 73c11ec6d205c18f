// SPDX-License-Identifier: Apache-2.0
#include "store/put.h"

#include "store/notify_columns.h"
#include "store/statement.h"
#include "store/step_columns.h"

enum {
    CODE,
    STATUS,
    PROBLEM,
    FIELD,
    PLACE,
    SEQ,
    CHANGED,
    IGNORED,
    COUNTERS,
    REOPENED,
    STEP = REOPENED + NOTIFY_COLUMNS
};

static const struct pg_statement put PG_STATEMENT = {
    "put_steps",
    "SELECT a.code, a.status, a.problem, a.field, a.place, a.seq, a.changed, a.ignored, a.counters, (a.reopened).*,\n"
    "       " STEP_COLUMNS_WHOLE "\n"
    "FROM put_steps($1, $2, $3, $4::json) a CROSS JOIN LATERAL (SELECT (a.step).*) p",
};

struct store_answer store_put_write(struct pg *pg, const struct caller *caller, const char *session,
                                    const struct store_put_step steps[], int n, struct store_put_seen *out)
{
    struct buf list = {0};
    store_put_list_print(&list, steps, n);
    const char *params[] = {caller->secret, caller->workspace, session, buf_cstr(&list)};
    struct store_answer answer = store_statement_decide(pg, &put, 4, params);
    const struct pg_result *rows = answer.rows;
    *out = (struct store_put_seen){0};
    if (rows) {
        out->session_status = pg_str(rows, 0, STATUS);
        out->problem = pg_str(rows, 0, PROBLEM);
        out->field = pg_str(rows, 0, FIELD);
        out->place = pg_i64(rows, 0, PLACE);
        bool is_told = !pg_is_null(rows, 0, REOPENED), is_running = str_eq(out->session_status, STR("running"));
        out->has_reopened = is_told && is_running;
        out->has_grown = is_told && !is_running;
        notify_columns_read_progress(&out->session, rows, 0, COUNTERS);
        if (is_told)
            notify_columns_read(&out->reopened, rows, 0, REOPENED);
    }
    buf_fini(&list);
    return answer;
}

void store_put_read(const struct store_answer *answer, int i, struct store_put_written *written)
{
    written->seq = pg_i64(answer->rows, i, SEQ);
    step_columns_read(&written->step, answer->rows, i, STEP);
}

void store_put_print_fields(const struct store_answer *answer, int i, struct buf *out)
{
    step_columns_print_names(out, "changed", answer->rows, i, CHANGED);
    step_columns_print_names(out, "ignored", answer->rows, i, IGNORED);
}
