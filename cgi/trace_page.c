// SPDX-License-Identifier: Apache-2.0
// One session to read: a page of its steps, and the outline of all of them.
#include "cgi/query.h"
#include "cgi/trace.h"
#include "base/id.h"
#include "base/jw.h"
#include "store/trace.h"

enum { LIMIT_DEFAULT = 500, LIMIT_MAX = 500, NUMBER_MAX = 1000000000 };

// The last microsecond of the year 9999.
static const int64_t TIME_MAX_US = INT64_C(253402300799999999);

// A cursor is "microseconds.number", the place of a step in the order of the trace; to clients it is opaque. A number
// alone is the place of that step.
static int read_cursor(struct request *r, const char *name, struct store_page_query *query, bool *is_there)
{
    struct str number = request_query(r, name);
    int64_t us = 0, n;
    *is_there = number.p != NULL;
    if (!number.p)
        return 0;
    struct str time = memchr(number.p, '.', number.n) ? str_cut(&number, '.') : STR_NONE;
    if ((time.p && (str_to_i64(time, &us) || us > TIME_MAX_US)) || str_to_i64(number, &n) || n > NUMBER_MAX)
        return problem_query(r, name, "must be a cursor of an earlier reply, or a step's number");
    query->pivot = request_keep_i64(r, n);
    query->pivot_us = time.p ? request_keep_i64(r, us) : NULL;
    return 0;
}

static int read_around(struct request *r, struct store_page_query *query, bool *is_there)
{
    struct str around = request_query(r, "around");
    if (!id_valid(around, "stp") && !id_valid(around, "msg"))
        return read_cursor(r, "around", query, is_there);
    *is_there = true;
    query->pivot_id = request_keep(r, around);
    return 0;
}

// Content is stored as printed JSON, so the text to look for in it is escaped in the same way. Names are stored as they
// are.
static int read_text(struct request *r, struct store_page_query *query)
{
    int status = query_text(r, "q", &query->text);
    if (status || !query->text)
        return status;
    struct buf escaped = {0};
    jw_escape(&escaped, str_from(query->text));
    query->escaped_text = request_keep(r, buf_view(&escaped));
    buf_fini(&escaped);
    return 0;
}

static int read_page(struct request *r, struct store_page_query *query)
{
    int64_t limit, since;
    bool is_after, is_before, is_around;
    int status;
    *query = (struct store_page_query){.etags = request_keep(r, r->if_none_match), .pivot = "0"};
    if ((status = query_i64(r, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT, &limit)) ||
        (status = query_i64(r, "sinceSeq", 0, INT64_MAX, -1, &since)) || (status = read_text(r, query)) ||
        (status = read_cursor(r, "after", query, &is_after)) ||
        (status = read_cursor(r, "before", query, &is_before)) || (status = read_around(r, query, &is_around)))
        return status;
    bool is_filtered = since >= 0 || query->text;
    int64_t back = is_before || is_around ? limit : 0, forth = is_before && !is_around ? 0 : limit;
    if (is_around && !is_filtered) {
        back = limit / 2;
        forth = limit - back;
    }
    if (since >= 0)
        query->since_seq = request_keep_i64(r, since);
    query->is_behind_pivot = is_after && !is_before && !is_around;
    query->looks_back = is_around;
    query->back = request_keep_i64(r, back);
    query->forth = request_keep_i64(r, forth);
    query->limit = request_keep_i64(r, limit);
    return 0;
}

static void print_cursor(struct buf *out, const char *key, const struct step_row *step)
{
    jw_key(out, key);
    buf_char(out, '"');
    buf_i64(out, step->started_us);
    buf_char(out, '.');
    buf_i64(out, step->number);
    buf_char(out, '"');
}

static void print_page(struct request *r, const struct store_answer *answer, const struct store_page_head *head)
{
    struct step_row first = {0};
    jw_open(&r->out, '{');
    jw_member_raw(&r->out, "session", head->session);
    jw_member_i64(&r->out, "lastSeq", head->last_seq);
    jw_key(&r->out, "steps");
    jw_open(&r->out, '[');
    struct step_row step = {.session_id = r->id[PATH_SESSION]};
    for (int i = 0; i < head->steps; i++) {
        store_trace_read_page_step(answer, i, &step);
        step_json(&r->out, &step, head->has_ended, STEP_BRIEF);
        first = i ? first : step;
    }
    jw_close(&r->out, ']');
    jw_member_raw(&r->out, "relatedSessions", head->related);
    if (head->has_more_after)
        print_cursor(&r->out, "nextAfter", &step);
    if (head->has_more_before)
        print_cursor(&r->out, "prevBefore", &first);
    jw_close(&r->out, '}');
}

// The status of a reply that has an ETag.
static int conditional(struct request *r, struct str etag, bool is_unchanged)
{
    request_header(r, "ETag", etag);
    return is_unchanged ? 304 : 200;
}

static int show(struct request *r)
{
    struct store_page_query query;
    int status = read_page(r, &query);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer = store_trace_page(r->worker->pg, &caller, trace_id(r, PATH_SESSION), &query);
    status = reply_refusal(r, answer.outcome);
    if (!status) {
        struct store_page_head head;
        store_trace_read_page(&answer, &head);
        status = conditional(r, head.etag, head.is_unchanged);
        if (status == 200)
            print_page(r, &answer, &head);
    }
    store_answer_fini(&answer);
    return status;
}

static void print_number(struct buf *out, bool is_there, int64_t number)
{
    if (is_there)
        jw_i64(out, number);
    else
        jw_raw(out, STR("null"));
}

static void print_text(struct buf *out, struct str text)
{
    if (text.p)
        jw_string(out, text);
    else
        jw_raw(out, STR("null"));
}

static void print_outline_row(struct buf *out, const struct store_outline_step *row, bool has_ended)
{
    const struct step_row *step = &row->step;
    jw_open(out, '[');
    jw_string(out, step->id);
    jw_i64(out, step->number);
    jw_string(out, step->type);
    print_number(out, row->parent_number > 0, row->parent_number);
    jw_string(out, str_from(step_json_status(step, has_ended)));
    jw_i64(out, step->started_us / 1000);
    print_number(out, step->end_seq > 0, step->end_seq ? step_json_duration(step) : 0);
    print_text(out, step->message_id);
    jw_i64(out, step->seq);
    print_text(out, step->parent_id);
    jw_i64(out, step->started_us);
    jw_close(out, ']');
}

static void print_outline(struct buf *out, const struct store_answer *answer, const struct store_outline_head *head)
{
    jw_open(out, '{');
    jw_member_raw(out, "session", head->session);
    jw_member_i64(out, "lastSeq", head->last_seq);
    jw_member_raw(out, "columns",
                  STR("[\"id\",\"number\",\"type\",\"parentNumber\",\"status\",\"startedMs\",\"durationMs\","
                      "\"messageId\",\"seq\",\"parentId\",\"startedUs\"]"));
    jw_key(out, "steps");
    jw_open(out, '[');
    for (int i = 0; i < head->steps; i++) {
        struct store_outline_step step;
        store_trace_read_outline_step(answer, i, &step);
        print_outline_row(out, &step, head->has_ended);
    }
    jw_close(out, ']');
    jw_close(out, '}');
}

static int outline(struct request *r)
{
    struct caller caller = caller_of(r);
    const char *etags = request_keep(r, r->if_none_match);
    struct store_answer answer = store_trace_outline(r->worker->pg, &caller, trace_id(r, PATH_SESSION), etags);
    int status = reply_refusal(r, answer.outcome);
    if (!status) {
        struct store_outline_head head;
        store_trace_read_outline(&answer, &head);
        status = conditional(r, head.etag, head.is_unchanged);
        if (status == 200)
            print_outline(&r->out, &answer, &head);
    }
    store_answer_fini(&answer);
    return status;
}

#define SESSION "/api/workspaces/{ws}/agent-sessions/{ses}"
#define SHARED "/api/shares/{shr}/agent-sessions/{ses}"
const struct route trace_page_routes[] = {
    {METHOD_GET, SESSION, AUTH_KNOWN, BODY_NONE, show},
    {METHOD_GET, SESSION "/outline", AUTH_KNOWN, BODY_NONE, outline},
    {METHOD_GET, SHARED, AUTH_SHARE, BODY_NONE, show},
    {METHOD_GET, SHARED "/outline", AUTH_SHARE, BODY_NONE, outline},
    {0},
};
