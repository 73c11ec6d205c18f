// One session to read: a page of its steps, and the outline of all of them.
#include "cgi/trace.h"
#include "lib/id.h"
#include "lib/jw.h"
#include "lib/store_trace.h"

enum { LIMIT_DEFAULT = 500, LIMIT_MAX = 500, NUMBER_MAX = 1000000000 };

enum direction { FORWARD, BACKWARD, AROUND };

struct page {
    struct store_page_query query;
    enum direction direction;
    bool is_filtered; // not every step between two shown ones is shown
};

static int read_around(struct request *r, struct str around, struct page *page, int64_t *pivot)
{
    if (id_valid(around, "stp") || id_valid(around, "msg"))
        page->query.pivot_id = request_keep(r, around);
    else if (str_to_i64(around, pivot) || *pivot > NUMBER_MAX)
        return problem_query(r, "around", "must be the id of a step or message, or a step's number");
    return 0;
}

// Content is stored as printed JSON: what is looked for there is escaped likewise. A name is stored as it is.
static int read_text(struct request *r, struct page *page)
{
    int status = request_query_text(r, "q", &page->query.text);
    if (status || !page->query.text)
        return status;
    struct buf escaped = {0};
    jw_escape(&escaped, str_from(page->query.text));
    page->query.escaped_text = request_keep(r, buf_view(&escaped));
    buf_fini(&escaped);
    return 0;
}

// Numbers have no holes, so without a filter a page is a range of them.
static int read_page(struct request *r, struct page *page)
{
    int64_t limit, after, before, since;
    int64_t pivot = 1;
    int status;
    *page = (struct page){.query.etags = request_keep(r, r->if_none_match)};
    struct str around = request_query(r, "around");
    if ((status = request_query_i64(r, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT, &limit)) ||
        (status = request_query_i64(r, "after", 0, NUMBER_MAX, 0, &after)) ||
        (status = request_query_i64(r, "before", 0, NUMBER_MAX, -1, &before)) ||
        (status = request_query_i64(r, "sinceSeq", 0, INT64_MAX, -1, &since)) || (status = read_text(r, page)) ||
        (status = around.p ? read_around(r, around, page, &pivot) : 0))
        return status;
    int64_t back = 0, forth = 0, reach = limit - 1;
    if (since >= 0)
        page->query.since_seq = request_keep_i64(r, since);
    page->is_filtered = since >= 0 || page->query.text;
    if (page->is_filtered)
        reach = NUMBER_MAX;
    page->query.looks_back = around.p || before >= 0;
    if (around.p) {
        page->direction = AROUND;
        back = page->is_filtered ? reach : limit / 2;
        forth = page->is_filtered ? reach : limit - 1 - back;
    } else if (before >= 0) {
        page->direction = BACKWARD;
        pivot = before - 1;
        back = reach;
    } else {
        pivot = after + 1;
        forth = reach;
    }
    page->query.pivot = request_keep_i64(r, pivot);
    page->query.back = request_keep_i64(r, back);
    page->query.forth = request_keep_i64(r, forth);
    page->query.limit = request_keep_i64(r, limit);
    return 0;
}

static void print_cursor(struct buf *out, const char *key, int64_t number)
{
    jw_key(out, key);
    buf_char(out, '"');
    buf_i64(out, number);
    buf_char(out, '"');
}

static void print_cursors(struct buf *out, const struct page *page, const PGresult *rows, int n)
{
    int64_t first = pg_i64(rows, 1, PAGE_NUMBER), last = pg_i64(rows, n, PAGE_NUMBER);
    bool has_more = pg_i64(rows, 0, PAGE_FOUND) > n;
    if (page->is_filtered ? has_more && page->direction != BACKWARD : last < pg_i64(rows, 0, PAGE_STEP_COUNT))
        print_cursor(out, "nextAfter", last);
    if (page->is_filtered ? has_more && page->direction != FORWARD : first > 1)
        print_cursor(out, "prevBefore", first);
}

static void print_page(struct request *r, const struct page *page, const PGresult *rows)
{
    int n = PQntuples(rows) - 1;
    bool has_ended = pg_bool(rows, 0, PAGE_ENDED);
    jw_open(&r->out, '{');
    jw_member_raw(&r->out, "session", pg_str(rows, 0, PAGE_SESSION));
    jw_key(&r->out, "steps");
    jw_open(&r->out, '[');
    struct step_row step = {.session_id = r->id[PATH_SESSION]};
    for (int row = 1; row <= n; row++) {
        step.number = pg_i64(rows, row, PAGE_NUMBER);
        step_json_read_shown(&step, rows, row, PAGE_STEP);
        step_json(&r->out, &step, has_ended, STEP_BRIEF);
    }
    jw_close(&r->out, ']');
    jw_member_raw(&r->out, "relatedSessions", pg_str(rows, 0, PAGE_RELATED));
    if (n > 0)
        print_cursors(&r->out, page, rows, n);
    jw_close(&r->out, '}');
}

// The reply's status, for what has an ETag.
static int condition(struct request *r, const struct answer *answer, int etag, int unchanged)
{
    if (answer->code != 200)
        return problem_refusal(r, answer->code, "read");
    request_header(r, "ETag", pg_str(answer->rows, 0, etag));
    return pg_bool(answer->rows, 0, unchanged) ? 304 : 200;
}

static int show(struct request *r)
{
    struct page page;
    int status = read_page(r, &page);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct answer answer = store_trace_page(r->worker->pg, &caller, trace_id(r, PATH_SESSION), &page.query);
    status = condition(r, &answer, PAGE_ETAG, PAGE_UNCHANGED);
    if (status == 200)
        print_page(r, &page, answer.rows);
    answer_fini(&answer);
    return status;
}

static void print_outline_row(struct buf *out, const PGresult *rows, int row, bool has_ended)
{
    struct step_row step = {
        .failed = pg_bool(rows, row, OUTLINE_FAILED),
        .end_seq = pg_is_null(rows, row, OUTLINE_COMPLETED) ? 0 : pg_i64(rows, row, OUTLINE_SEQ),
        .started_at = pg_time(rows, row, OUTLINE_STARTED),
        .completed_at = pg_time(rows, row, OUTLINE_COMPLETED),
    };
    jw_open(out, '[');
    jw_string(out, pg_str(rows, row, OUTLINE_ID));
    jw_i64(out, pg_i64(rows, row, OUTLINE_NUMBER));
    jw_string(out, pg_str(rows, row, OUTLINE_TYPE));
    if (pg_is_null(rows, row, OUTLINE_PARENT))
        jw_raw(out, STR("null"));
    else
        jw_i64(out, pg_i64(rows, row, OUTLINE_PARENT));
    jw_string(out, str_from(step_json_status(&step, has_ended)));
    jw_i64(out, step.started_at / 1000);
    if (step.end_seq)
        jw_i64(out, step_json_duration(&step));
    else
        jw_raw(out, STR("null"));
    if (pg_is_null(rows, row, OUTLINE_MESSAGE))
        jw_raw(out, STR("null"));
    else
        jw_string(out, pg_str(rows, row, OUTLINE_MESSAGE));
    jw_i64(out, pg_i64(rows, row, OUTLINE_SEQ));
    jw_close(out, ']');
}

static void print_outline(struct buf *out, const PGresult *rows)
{
    int n = PQntuples(rows);
    bool has_ended = pg_bool(rows, 0, OUTLINE_ENDED);
    jw_open(out, '{');
    jw_member_raw(out, "session", pg_str(rows, 0, OUTLINE_SESSION));
    jw_member_i64(out, "lastSeq", pg_i64(rows, 0, OUTLINE_LAST_SEQ));
    jw_member_raw(out, "columns",
                  STR("[\"id\",\"number\",\"type\",\"parentNumber\",\"status\",\"startedMs\",\"durationMs\","
                      "\"messageId\",\"seq\"]"));
    jw_key(out, "steps");
    jw_open(out, '[');
    for (int row = 1; row < n; row++)
        print_outline_row(out, rows, row, has_ended);
    jw_close(out, ']');
    jw_close(out, '}');
}

static int outline(struct request *r)
{
    struct caller caller = caller_of(r);
    const char *etags = request_keep(r, r->if_none_match);
    struct answer answer = store_trace_outline(r->worker->pg, &caller, trace_id(r, PATH_SESSION), etags);
    int status = condition(r, &answer, OUTLINE_ETAG, OUTLINE_UNCHANGED);
    if (status == 200)
        print_outline(&r->out, answer.rows);
    answer_fini(&answer);
    return status;
}

#define SESSION "/api/workspaces/{ws}/agent-sessions/{ses}"
const struct route trace_page_routes[] = {
    {METHOD_GET, SESSION, WHO_KNOWN, BODY_NONE, show},
    {METHOD_GET, SESSION "/outline", WHO_KNOWN, BODY_NONE, outline},
    {0},
};
