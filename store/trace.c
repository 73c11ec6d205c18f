// SPDX-License-Identifier: Apache-2.0
#include "store/trace.h"

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

// The columns of a page. The first row is the head; the others have PAGE_STARTED, PAGE_NUMBER and a step, in order.
enum {
    PAGE_OUTCOME,
    PAGE_STARTED,
    PAGE_NUMBER,
    PAGE_SESSION,
    PAGE_LAST_SEQ,
    PAGE_RELATED,
    PAGE_ETAG,
    PAGE_UNCHANGED,
    PAGE_ENDED,
    PAGE_FITS, // the steps of the range may be shown at once
    PAGE_HAS_MORE_BEFORE,
    PAGE_HAS_MORE_AFTER,
    PAGE_STEP, // first of STEP_SHOWN_COLUMNS
};

static const struct pg_statement page PG_STATEMENT = {
    "trace_page",
    PAGE_WHOLE(HEAD, PAGE_WHOLE_STEPS),
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

// The same three for readers of the workspace and of a share.
struct ways {
    const struct pg_statement *page, *some, *changed;
};

static struct ways ways_of(const struct caller *caller)
{
    return caller->is_share ? (struct ways){&store_share_page, &store_share_page_some, &store_share_page_changed}
                            : (struct ways){&page, &some, &changed};
}

struct store_answer store_trace_page(struct pg *pg, const struct caller *caller, const char *session,
                                     const struct store_page_query *query)
{
    const char *params[] = {caller->secret,
                            caller->workspace,
                            caller->program,
                            session,
                            query->pivot,
                            query->pivot_us,
                            query->pivot_id,
                            query->is_behind_pivot ? "1" : "0",
                            query->back,
                            query->forth,
                            query->etags ? query->etags : "",
                            query->looks_back ? "t" : "f",
                            query->limit,
                            query->since_seq,
                            query->escaped_text,
                            query->text};
    struct ways ways = ways_of(caller);
    if (query->since_seq || query->text)
        return store_statement_decide(pg, query->since_seq ? ways.changed : ways.some, 16, params);
    struct store_answer answer = store_statement_decide(pg, ways.page, 12, params);
    if (answer.outcome != STORE_OK || pg_bool(answer.rows, 0, PAGE_FITS))
        return answer;
    store_answer_fini(&answer);
    return store_statement_decide(pg, ways.some, 16, params);
}

void store_trace_read_page(const struct store_answer *answer, struct store_page_head *head)
{
    const struct pg_result *rows = answer->rows;
    *head = (struct store_page_head){.session = pg_str(rows, 0, PAGE_SESSION),
                                     .related = pg_str(rows, 0, PAGE_RELATED),
                                     .etag = pg_str(rows, 0, PAGE_ETAG),
                                     .is_unchanged = pg_bool(rows, 0, PAGE_UNCHANGED),
                                     .has_ended = pg_bool(rows, 0, PAGE_ENDED),
                                     .last_seq = pg_i64(rows, 0, PAGE_LAST_SEQ),
                                     .has_more_before = pg_bool(rows, 0, PAGE_HAS_MORE_BEFORE),
                                     .has_more_after = pg_bool(rows, 0, PAGE_HAS_MORE_AFTER),
                                     .steps = pg_rows(rows) - 1};
}

void store_trace_read_page_step(const struct store_answer *answer, int i, struct step_row *step)
{
    step->number = pg_i64(answer->rows, i + 1, PAGE_NUMBER);
    step->started_us = pg_time(answer->rows, i + 1, PAGE_STARTED);
    step_columns_read_shown(step, answer->rows, i + 1, PAGE_STEP);
}

// The columns of an outline: the first row is its head, too.
enum {
    OUTLINE_OUTCOME,
    OUTLINE_STARTED,
    OUTLINE_NUMBER,
    OUTLINE_SESSION,
    OUTLINE_LAST_SEQ,
    OUTLINE_ETAG,
    OUTLINE_UNCHANGED,
    OUTLINE_ENDED,
    OUTLINE_ID,
    OUTLINE_TYPE,
    OUTLINE_PARENT_ID,
    OUTLINE_PARENT, // its number
    OUTLINE_FAILED,
    OUTLINE_COMPLETED,
    OUTLINE_MESSAGE,
    OUTLINE_SEQ,
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
    *head = (struct store_outline_head){.session = pg_str(rows, 0, OUTLINE_SESSION),
                                        .etag = pg_str(rows, 0, OUTLINE_ETAG),
                                        .last_seq = pg_i64(rows, 0, OUTLINE_LAST_SEQ),
                                        .is_unchanged = pg_bool(rows, 0, OUTLINE_UNCHANGED),
                                        .has_ended = pg_bool(rows, 0, OUTLINE_ENDED),
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
