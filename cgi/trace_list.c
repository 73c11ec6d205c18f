// SPDX-License-Identifier: Apache-2.0
// The sessions of a workspace: a page of them as JSON, or all of them as a table.
#include "base/jw.h"
#include "cgi/trace.h"
#include "cgi/trace_list_csv.h"
#include "cgi/trace_list_query.h"

static void print_total(struct buf *out, const struct store_answer *answer)
{
    int64_t total;
    bool is_least = store_session_list_total(answer, &total);
    jw_key(out, "total");
    jw_open(out, '{');
    jw_member_i64(out, "value", total);
    if (is_least)
        jw_member_bool(out, "isLeast", true);
    jw_close(out, '}');
}

static void print_list(struct buf *out, const struct store_answer *answer, const struct store_list_query *query)
{
    struct store_list_item item = {0};
    int n = store_session_list_length(answer);
    int shown = n > query->limit ? (int)query->limit : n;
    bool has_more = n > shown;
    jw_open(out, '{');
    jw_key(out, "sessions");
    jw_open(out, '[');
    for (int i = 0; i < shown; i++) {
        store_session_list_read(answer, i, &item);
        if (item.session.p)
            jw_raw(out, item.session);
        else
            has_more = true;
    }
    jw_close(out, ']');
    if (has_more) {
        jw_key(out, "nextBefore");
        buf_char(out, '"');
        trace_list_query_print_cursor(out, query, &item);
        buf_char(out, '"');
    }
    if (query->counts)
        print_total(out, answer);
    jw_close(out, '}');
}

static int list(struct request *r)
{
    struct store_list_query query;
    bool is_csv;
    int status;
    if ((status = trace_list_csv_wanted(r, &is_csv)) || (status = trace_list_query_read(r, &query)))
        return status;
    if (is_csv)
        return trace_list_csv(r, &query);
    struct caller caller = caller_of(r);
    struct store_answer answer = store_session_list(r->worker->reader, &caller, &query);
    status = reply_refusal(r, answer.outcome);
    if (!status) {
        status = 200;
        print_list(&r->out, &answer, &query);
    }
    store_answer_fini(&answer);
    return status;
}

const struct route trace_list_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/agent-sessions", AUTH_KNOWN, BODY_NONE, list},
    {0},
};
