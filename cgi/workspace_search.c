// Full-text search over messages. A hit's `matches` are pairs of start and length in its `snippet`, counted in Unicode
// code points: neither bytes nor the units of UTF-16 suit every client.
#include "cgi/workspace_routes.h"

#include "cgi/reply.h"
#include "lib/id.h"
#include "lib/jw.h"
#include "lib/store_search.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500 };

static bool is_first_byte(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

// Takes the marks out of the text and prints where they stood.
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
            at += is_first_byte(marked.p[i]);
        }
    }
    jw_close(&matches, ']');
    jw_member(out, "snippet", plain.p ? buf_view(&plain) : STR(""));
    jw_member_raw(out, "matches", buf_view(&matches));
    buf_fini(&plain);
    buf_fini(&matches);
}

static void print_hits(struct buf *out, const struct answer *answer)
{
    jw_open(out, '{');
    jw_key(out, "hits");
    jw_open(out, '[');
    for (int row = 0; row < PQntuples(answer->rows); row++) {
        if (pg_is_null(answer->rows, row, ANSWER_BODY))
            continue;
        jw_open(out, '{');
        buf_str(out, pg_str(answer->rows, row, ANSWER_BODY));
        print_snippet(out, pg_str(answer->rows, row, SEARCH_SNIPPET));
        jw_close(out, '}');
    }
    jw_close(out, ']');
    jw_close(out, '}');
}

static int search(struct request *r)
{
    struct str audience = request_query(r, "forStream");
    const char *words;
    int64_t limit;
    int status = request_query_text(r, "q", &words);
    if (status)
        return status;
    if (!words)
        return problem_query(r, "q", "is missing");
    if (audience.p && !id_valid(audience, "str"))
        return problem_query(r, "forStream", "must be a stream's id");
    status = request_query_i64(r, "limit", 1, PAGE_MAX, PAGE_DEFAULT, &limit);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct answer answer =
        store_search(r->worker->pg, &caller, words, request_keep(r, audience), request_keep_i64(r, limit));
    status = reply_refusal(r, &answer);
    if (!status) {
        status = 200;
        print_hits(&r->out, &answer);
    }
    answer_fini(&answer);
    return status;
}

const struct route search_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/search", WHO_KNOWN, BODY_NONE, search},
    {0},
};
