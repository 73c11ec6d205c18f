// SPDX-License-Identifier: Apache-2.0
// Full-text search over messages. A hit's `matches` are pairs of start and length in its `snippet`, counted in Unicode
// code points: neither bytes nor the units of UTF-16 suit every client.
#include "cgi/workspace_routes.h"

#include "cgi/problem.h"
#include "cgi/query.h"
#include "cgi/reply.h"
#include "base/jw.h"
#include "base/utf8.h"
#include "store/search.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500 };

// Prints the text without its marks, and the places where they stood.
static void print_snippet(struct buf *out, struct str marked)
{
    struct buf plain = {0}, matches = {0};
    int64_t at = 0, begin = 0;
    jw_open(&matches, '[');
    for (size_t i = 0; i < marked.n; i++) {
        if (marked.p[i] == SEARCH_BEGIN) {
            begin = at;
        } else if (marked.p[i] == SEARCH_END) {
            jw_open(&matches, '[');
            jw_i64(&matches, begin);
            jw_i64(&matches, at - begin);
            jw_close(&matches, ']');
        } else {
            buf_char(&plain, marked.p[i]);
            at += utf8_is_first(marked.p[i]);
        }
    }
    jw_close(&matches, ']');
    jw_member(out, "snippet", plain.p ? buf_view(&plain) : STR(""));
    jw_member_raw(out, "matches", buf_view(&matches));
    buf_fini(&plain);
    buf_fini(&matches);
}

static void print_hits(struct buf *out, const struct store_answer *answer)
{
    jw_open(out, '{');
    jw_key(out, "hits");
    jw_open(out, '[');
    struct store_search_hit hit;
    for (int row = 0; row < store_answer_rows(answer) && store_search_read(answer, row, &hit); row++) {
        jw_open(out, '{');
        buf_str(out, hit.body);
        print_snippet(out, hit.snippet);
        jw_close(out, '}');
    }
    jw_close(out, ']');
    jw_close(out, '}');
}

static int search(struct request *r)
{
    struct str audience;
    const char *words;
    int64_t limit;
    int status = query_text(r, "q", &words);
    if (status)
        return status;
    if (!words)
        return problem_query(r, "q", "is missing");
    if ((status = query_id(r, "forStream", "str", &audience)))
        return status;
    status = query_i64(r, "limit", 1, PAGE_MAX, PAGE_DEFAULT, &limit);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer =
        store_search(r->worker->reader, &caller, words, request_keep(r, audience), request_keep_i64(r, limit));
    status = reply_failure(r, &answer);
    if (!status) {
        status = 200;
        print_hits(&r->out, &answer);
    }
    store_answer_fini(&answer);
    return status;
}

const struct route search_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/search", AUTH_KNOWN, BODY_NONE, search},
    {0},
};
