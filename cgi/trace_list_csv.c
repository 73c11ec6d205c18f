// SPDX-License-Identifier: Apache-2.0
#include "cgi/trace_list_csv.h"

#include <stdlib.h>
#include "cgi/csv.h"
#include "cgi/export.h"
#include "cgi/slice.h"
#include "cgi/trace.h"
#include "cgi/turns.h"

enum { ROWS_A_PAGE = 2000 };

// A column is a member of the session, or of an object in it.
enum cell { CELL_TEXT, CELL_NUMBER, CELL_LIST };
static const struct column {
    const char *name;
    const char *outer, *key; // `outer` is NULL for a member of the session itself
    enum cell cell;
} columns[] = {
    {"id", NULL, "id", CELL_TEXT},
    {"status", NULL, "status", CELL_TEXT},
    {"title", NULL, "title", CELL_TEXT},
    {"trigger", "trigger", "excerpt", CELL_TEXT},
    {"agent", "persona", "name", CELL_TEXT},
    {"stream", "stream", "name", CELL_TEXT},
    {"createdAt", NULL, "createdAt", CELL_TEXT},
    {"startedAt", NULL, "startedAt", CELL_TEXT},
    {"completedAt", NULL, "completedAt", CELL_TEXT},
    {"durationMs", NULL, "durationMs", CELL_NUMBER},
    {"steps", NULL, "stepCount", CELL_NUMBER},
    {"messages", NULL, "messageCount", CELL_NUMBER},
    {"inputTokens", "usage", "inputTokens", CELL_NUMBER},
    {"outputTokens", "usage", "outputTokens", CELL_NUMBER},
    {"totalTokens", "usage", "totalTokens", CELL_NUMBER},
    {"costUsd", "usage", "costUsd", CELL_NUMBER},
    {"model", "usage", "model", CELL_TEXT},
    {"tags", NULL, "tags", CELL_LIST},
    {"attempt", NULL, "attempt", CELL_NUMBER},
    {"errorCode", "error", "code", CELL_TEXT},
    {"errorMessage", "error", "message", CELL_TEXT},
    {"environment", NULL, "environment", CELL_TEXT},
    {"project", NULL, "project", CELL_TEXT},
    {"externalId", NULL, "externalId", CELL_TEXT},
    {"thumbsUp", "rating", "up", CELL_NUMBER},
    {"thumbsDown", "rating", "down", CELL_NUMBER},
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

struct listing {
    struct store_list_query query;
    struct store_answer page; // the one to print next
    struct buf text;          // of the cell in hand
    int turn;
    bool has_begun;
};

int trace_list_csv_wanted(struct request *r, bool *is_csv)
{
    struct str format = request_query(r, "format");
    *is_csv = format.p ? str_eq(format, STR("csv")) : str_starts(r->accept, STR("text/csv"));
    if (format.p && !*is_csv && !str_eq(format, STR("json")))
        return problem_query(r, "format", "must be json or csv");
    return 0;
}

static void unquote_list(struct buf *text, struct str json)
{
    json_t *list = json_loadb(json.p, json.n, 0, NULL);
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        if (i)
            buf_lit(text, "; ");
        buf_bytes(text, json_string_value(item), json_string_length(item));
    }
    json_decref(list);
}

static void print_cell(struct buf *out, struct buf *text, const struct column *column, struct str session)
{
    struct str object = column->outer ? slice_member(session, str_from(column->outer)) : session;
    struct str json = object.p ? slice_member(object, str_from(column->key)) : STR_NONE;
    if (!json.p)
        return;
    if (column->cell == CELL_NUMBER) {
        buf_str(out, json);
        return;
    }
    buf_clear(text);
    if (column->cell == CELL_LIST)
        unquote_list(text, json);
    else
        export_unquote(text, json);
    csv_text(out, buf_view(text));
}

static void print_head(struct buf *out)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        buf_str(out, i ? STR(",") : STR(""));
        buf_str(out, str_from(columns[i].name));
    }
    buf_lit(out, "\r\n");
}

// True: there is another page, which begins behind the last row.
static bool print_page(struct request *r, struct listing *l)
{
    struct store_list_item item = {0};
    int n = store_session_list_length(&l->page);
    bool has_more = n > ROWS_A_PAGE;
    for (int row = 0; row < n && row < ROWS_A_PAGE; row++) {
        store_session_list_read(&l->page, row, &item);
        if (!item.session.p) {
            has_more = true;
            break;
        }
        for (size_t i = 0; i < COLUMNS; i++) {
            buf_str(&r->out, i ? STR(",") : STR(""));
            print_cell(&r->out, &l->text, &columns[i], item.session);
        }
        buf_lit(&r->out, "\r\n");
    }
    l->query.after_rank = item.rank;
    l->query.after_key = str_from(request_keep(r, item.rank ? STR("0") : item.key));
    l->query.after_id = str_from(request_keep(r, item.id));
    return has_more;
}

static struct store_answer read_page(struct request *r, const struct listing *l)
{
    struct caller caller = caller_of(r);
    return store_session_list(r->worker->reader, &caller, &l->query);
}

static enum flow_state next(struct request *r, void *state)
{
    struct listing *l = state;
    if (l->has_begun)
        l->page = read_page(r, l);
    else
        print_head(&r->out);
    l->has_begun = true;
    if (l->page.outcome != STORE_OK)
        return FLOW_BROKEN;
    bool has_more = print_page(r, l);
    store_answer_fini(&l->page);
    return has_more ? FLOW_MORE : FLOW_LAST;
}

static void end(struct request *r, void *state)
{
    struct listing *l = state;
    (void)r;
    store_answer_fini(&l->page);
    buf_fini(&l->text);
    turns_give(l->turn);
    free(l);
}

int trace_list_csv(struct request *r, const struct store_list_query *query)
{
    int turn = turns_take();
    if (turn < 0) {
        request_header(r, "Retry-After", STR("5"));
        return problem(r, 429, "too_many_exports", "Other sessions are being exported. Try again in a moment.");
    }
    struct listing *l = mem_zero(sizeof *l);
    *l = (struct listing){.query = *query, .turn = turn};
    l->query.limit = ROWS_A_PAGE;
    l->query.counts = false;
    l->page = read_page(r, l);
    int status = reply_refusal(r, l->page.outcome);
    if (status) {
        end(r, l);
        return status;
    }
    request_header(r, "Content-Type", STR("text/csv; charset=utf-8; header=present"));
    request_header(r, "Content-Disposition", STR("attachment; filename=\"sessions.csv\""));
    r->flow = (struct flow){next, end, l};
    return 200;
}
