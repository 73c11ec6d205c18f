// SPDX-License-Identifier: Apache-2.0
#include "store/trace.h"

#include <string.h>
#include "store/share_trace.h"
#include "store/statement.h"
#include "store/trace_sql.h"

#define READABLE STORE_READABLE("$4")
#define PRINTED "session_whole_json(x)"

#define CHAIN                                                                                                          \
    "\n"                                                                                                               \
    "    SELECT concat('[', string_agg(concat('{\"id\":\"', c.id, '\",\"attempt\":', c.attempt,\n"                     \
    "                  ',\"status\":\"', c.status, '\",\"createdAt\":', json_time(c.created_at),\n"                    \
    "                  ',\"durationMs\":' || duration_ms(c.started_at, c.completed_at), '}'),\n"                       \
    "                  ',' ORDER BY c.attempt), ']') AS chain\n"                                                       \
    "    FROM agent_sessions c WHERE c.chain_id = (SELECT chain_id FROM s)"
#define HEAD PAGE_HEAD(STORE_READER, READABLE, PRINTED, CHAIN)

// The columns of a page. The first row is its head, which has its outcome and other values in columns of the steps; the
// others have a step each, in order.
enum {
    PAGE_OUTCOME,
    PAGE_NUMBER = PAGE_OUTCOME,
    PAGE_STARTED,
    PAGE_STEP, // first of STEP_SHOWN_COLUMNS
    PAGE_ETAG = PAGE_STEP + STEP_SHOWN_ID,
    PAGE_LAST_SEQ = PAGE_STEP + STEP_SHOWN_SEQ,
    PAGE_BITS = PAGE_STEP + STEP_SHOWN_LENGTH,
    PAGE_RELATED = PAGE_STEP + STEP_SHOWN_SOURCES,
    PAGE_SESSION = PAGE_STEP + STEP_SHOWN_CONTENT,
};

// What PAGE_BITS says; PAGE_FITS: the steps of the range may be shown at once.
enum { PAGE_UNCHANGED = 1, PAGE_ENDED = 2, PAGE_FITS = 4, PAGE_MORE_BEFORE = 8, PAGE_MORE_AFTER = 16 };

#define AS_THEY_ARE(rows) rows " p"

static const struct pg_statement forth PG_STATEMENT = {
    "trace_page_forth",
    PAGE_FORTH(HEAD, AS_THEY_ARE),
};

static const struct pg_statement around PG_STATEMENT = {
    "trace_page_around",
    PAGE_AROUND(HEAD, AS_THEY_ARE),
};

#define STEPS_OF_PAGE "(SELECT x.* FROM k JOIN steps x ON x.session_id = $4 AND x.step_number = k.step_number) p"

static const struct pg_statement some PG_STATEMENT = {
    "trace_page_some",
    PAGE_SOME(HEAD, "steps", PAGE_ANY_CHANGED, STEPS_OF_PAGE),
};

static const struct pg_statement changed PG_STATEMENT = {
    "trace_page_changed",
    PAGE_SOME(HEAD, "steps", PAGE_CHANGED, STEPS_OF_PAGE),
};

// How many parameters of a page each takes: the first of them.
enum { FORTH_PARAMS = 9, AROUND_PARAMS = 12, SOME_PARAMS = 16 };

// The same four for readers of the workspace and of a share.
struct ways {
    const struct pg_statement *forth, *around, *some, *changed;
};

static struct ways ways_of(const struct caller *caller)
{
    return caller->is_share ? (struct ways){&store_share_page_forth, &store_share_page_around, &store_share_page_some,
                                            &store_share_page_changed}
                            : (struct ways){&forth, &around, &some, &changed};
}

// From the beginning or from a cursor on, as long traces are read: nothing has to be looked up for it.
static bool goes_forth(const struct store_page_query *query)
{
    bool is_known = query->pivot_us || strcmp(query->pivot, "0") == 0;
    return is_known && !query->pivot_id && !query->looks_back && strcmp(query->back, "0") == 0;
}

struct store_answer store_trace_page(struct pg *pg, const struct caller *caller, const char *session,
                                     const struct store_page_query *query)
{
    const char *params[SOME_PARAMS] = {caller->secret,
                                       caller->workspace,
                                       caller->program,
                                       session,
                                       query->pivot,
                                       query->pivot_us,
                                       query->is_behind_pivot ? "1" : "0",
                                       query->etags ? query->etags : "",
                                       query->forth,
                                       query->back,
                                       query->pivot_id,
                                       query->looks_back ? "t" : "f",
                                       query->limit,
                                       query->since_seq,
                                       query->escaped_text,
                                       query->text};
    struct ways ways = ways_of(caller);
    if (query->since_seq || query->text)
        return store_statement_decide(pg, query->since_seq ? ways.changed : ways.some, SOME_PARAMS, params);
    struct store_answer answer = goes_forth(query) ? store_statement_decide(pg, ways.forth, FORTH_PARAMS, params)
                                                   : store_statement_decide(pg, ways.around, AROUND_PARAMS, params);
    if (answer.outcome != STORE_OK || (pg_i64(answer.rows, 0, PAGE_BITS) & PAGE_FITS))
        return answer;
    store_answer_fini(&answer);
    return store_statement_decide(pg, ways.some, SOME_PARAMS, params);
}

void store_trace_read_page(const struct store_answer *answer, struct store_page_head *head)
{
    const struct pg_result *rows = answer->rows;
    int64_t bits = pg_i64(rows, 0, PAGE_BITS);
    *head = (struct store_page_head){.session = pg_str(rows, 0, PAGE_SESSION),
                                     .related = pg_str(rows, 0, PAGE_RELATED),
                                     .etag = pg_str(rows, 0, PAGE_ETAG),
                                     .is_unchanged = bits & PAGE_UNCHANGED,
                                     .has_ended = bits & PAGE_ENDED,
                                     .last_seq = pg_i64(rows, 0, PAGE_LAST_SEQ),
                                     .has_more_before = bits & PAGE_MORE_BEFORE,
                                     .has_more_after = bits & PAGE_MORE_AFTER,
                                     .steps = pg_rows(rows) - 1};
}

void store_trace_read_page_step(const struct store_answer *answer, int i, struct step_row *step)
{
    step->number = pg_i64(answer->rows, i + 1, PAGE_NUMBER);
    step->started_us = pg_time(answer->rows, i + 1, PAGE_STARTED);
    step_columns_read_shown(step, answer->rows, i + 1, PAGE_STEP);
}

// The columns of an outline: its first row is its head, as that of a page. Its bits are those of a page, too.
enum {
    OUTLINE_OUTCOME,
    OUTLINE_NUMBER = OUTLINE_OUTCOME,
    OUTLINE_STARTED,
    OUTLINE_ID,
    OUTLINE_ETAG = OUTLINE_ID,
    OUTLINE_TYPE,
    OUTLINE_SESSION = OUTLINE_TYPE,
    OUTLINE_PARENT_ID,
    OUTLINE_PARENT, // its number
    OUTLINE_BITS = OUTLINE_PARENT,
    OUTLINE_FAILED,
    OUTLINE_COMPLETED,
    OUTLINE_MESSAGE,
    OUTLINE_SEQ,
    OUTLINE_LAST_SEQ = OUTLINE_SEQ,
};

static const struct pg_statement outline PG_STATEMENT = {
    "trace_outline",
    OUTLINE_ROWS(STORE_READER, READABLE, PRINTED, "p.message_id"),
};

struct store_answer store_trace_outline(struct pg *pg, const struct caller *caller, const char *session,
                                        const char *etags)
{
    const char *params[] = {caller->secret, caller->workspace, caller->program, session, etags ? etags : ""};
    return store_statement_decide(pg, caller->is_share ? &store_share_outline : &outline, 5, params);
}

void store_trace_read_outline(const struct store_answer *answer, struct store_outline_head *head)
{
    const struct pg_result *rows = answer->rows;
    int64_t bits = pg_i64(rows, 0, OUTLINE_BITS);
    *head = (struct store_outline_head){.session = pg_str(rows, 0, OUTLINE_SESSION),
                                        .etag = pg_str(rows, 0, OUTLINE_ETAG),
                                        .last_seq = pg_i64(rows, 0, OUTLINE_LAST_SEQ),
                                        .is_unchanged = bits & PAGE_UNCHANGED,
                                        .has_ended = bits & PAGE_ENDED,
                                        .steps = pg_rows(rows) - 1};
}

void store_trace_read_outline_step(const struct store_answer *answer, int i, struct store_outline_step *step)
{
    const struct pg_result *rows = answer->rows;
    int row = i + 1;
    step->parent_number = pg_i64(rows, row, OUTLINE_PARENT);
    step->step = (struct step_row){
        .id = pg_str(rows, row, OUTLINE_ID),
        .number = pg_i64(rows, row, OUTLINE_NUMBER),
        .type = pg_str(rows, row, OUTLINE_TYPE),
        .parent_id = pg_str(rows, row, OUTLINE_PARENT_ID),
        .failed = pg_bool(rows, row, OUTLINE_FAILED),
        .end_seq = pg_is_null(rows, row, OUTLINE_COMPLETED) ? 0 : pg_i64(rows, row, OUTLINE_SEQ),
        .seq = pg_i64(rows, row, OUTLINE_SEQ),
        .message_id = pg_str(rows, row, OUTLINE_MESSAGE),
        .started_us = pg_time(rows, row, OUTLINE_STARTED),
        .completed_us = pg_time(rows, row, OUTLINE_COMPLETED),
    };
}

// The columns of one step.
enum { STEP_OUTCOME, STEP_ENDED, STEP };

static const struct pg_statement step PG_STATEMENT = {
    "trace_step",
    STEP_ROW(STORE_READER, READABLE, "step_with_texts(a.id, raw)"),
};

struct store_answer store_trace_step(struct pg *pg, const struct caller *caller, const char *session,
                                     const char *step_id)
{
    const char *params[] = {caller->secret, caller->workspace, caller->program, session, step_id};
    return store_statement_decide(pg, caller->is_share ? &store_share_step : &step, 5, params);
}

void store_trace_read_step(const struct store_answer *answer, struct step_row *out, bool *session_has_ended)
{
    *session_has_ended = pg_bool(answer->rows, 0, STEP_ENDED);
    step_columns_read(out, answer->rows, 0, STEP);
}
