// What happened in a stream: the snapshot that a page starts from, the pages of its history, and how far one has read.
#include "cgi/workspace_routes.h"

#include "cgi/actors.h"
#include "cgi/body.h"
#include "cgi/reply.h"
#include "lib/id.h"
#include "lib/jw.h"
#include "lib/publish.h"
#include "lib/store_stream.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500 };

static int get_bootstrap(struct request *r)
{
    struct caller caller = caller_of(r);
    struct answer answer = store_stream_bootstrap(r->worker->pg, &caller, request_keep(r, r->id[1]));
    int status = reply_refusal(r, &answer);
    if (!status) {
        status = 200;
        jw_open(&r->out, '{');
        buf_str(&r->out, answer_body(&answer));
        jw_key(&r->out, "members");
        actors_print(&r->out, pg_str(answer.rows, 0, BOOTSTRAP_MEMBERS));
        jw_close(&r->out, '}');
    }
    answer_fini(&answer);
    return status;
}

// The range that `around`, `before` or `after` asks for; without any the newest.
static int read_range(struct request *r, struct timeline_range *range)
{
    struct str around = request_query(r, "around");
    int64_t before, after, middle = INT64_MAX, limit;
    int status = request_query_i64(r, "limit", 1, PAGE_MAX, PAGE_DEFAULT, &limit);
    if (!status)
        status = request_query_i64(r, "before", 0, INT64_MAX, -1, &before);
    if (!status)
        status = request_query_i64(r, "after", 0, INT64_MAX - 1, -1, &after);
    if (status)
        return status;
    if ((before >= 0) + (after >= 0) + (around.p != NULL) > 1)
        return problem_query(r, "around", "before and after exclude each other");
    int64_t older = limit, newer = 0;
    if (before >= 0) {
        middle = before;
    } else if (after >= 0) {
        middle = after + 1;
        older = 0;
        newer = limit;
    } else if (around.p) {
        older = limit / 2;
        newer = limit - older;
        if (id_valid(around, "msg"))
            range->message = request_keep(r, around);
        else if (str_to_i64(around, &middle))
            return problem_query(r, "around", "must be a number or a message's id");
    }
    range->seq = request_keep_i64(r, middle);
    range->older = request_keep_i64(r, older);
    range->newer = request_keep_i64(r, newer);
    return 0;
}

static int get_events(struct request *r)
{
    struct timeline_range range = {0};
    struct caller caller = caller_of(r);
    int status = read_range(r, &range);
    if (status)
        return status;
    struct answer answer = store_stream_events(r->worker->pg, &caller, request_keep(r, r->id[1]), &range);
    return reply_send(r, &answer, NULL, false);
}

// The caller's other windows forget what was unread.
static void tell_read(struct request *r, const struct answer *answer)
{
    struct buf members = {0};
    if (pg_is_null(answer->rows, 0, READ_SEQ))
        return;
    jw_member(&members, "streamId", r->id[1]);
    jw_member_i64(&members, "readSeq", pg_i64(answer->rows, 0, READ_SEQ));
    jw_member_i64(&members, "mentionCount", pg_i64(answer->rows, 0, READ_MENTIONS));
    publish_to_user(r->worker->bus, r->id[0], pg_str(answer->rows, 0, READ_USER), "stream:read", buf_view(&members));
    if (!pg_is_null(answer->rows, 0, READ_PARENT)) {
        buf_clear(&members);
        jw_member(&members, "streamId", pg_str(answer->rows, 0, READ_PARENT));
        jw_member_i64(&members, "mentionCount", pg_i64(answer->rows, 0, READ_PARENT_MENTIONS));
        publish_to_user(r->worker->bus, r->id[0], pg_str(answer->rows, 0, READ_USER), "stream:mentioned",
                        buf_view(&members));
    }
    buf_fini(&members);
}

static int mark_read(struct request *r)
{
    int64_t seq;
    struct caller caller = caller_of(r);
    int status = body_i64(r, r->body, "seq", REQUIRED, 0, INT64_MAX, &seq);
    if (status)
        return status;
    struct answer answer =
        store_stream_read(r->worker->pg, &caller, request_keep(r, r->id[1]), request_keep_i64(r, seq));
    status = reply_refusal(r, &answer);
    if (!status) {
        status = 204;
        tell_read(r, &answer);
    }
    answer_fini(&answer);
    return status;
}

const struct route timeline_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/streams/{str}/bootstrap", WHO_KNOWN, BODY_NONE, get_bootstrap},
    {METHOD_GET, "/api/workspaces/{ws}/streams/{str}/events", WHO_KNOWN, BODY_NONE, get_events},
    {METHOD_POST, "/api/workspaces/{ws}/streams/{str}/read", WHO_PERSON, BODY_JSON, mark_read},
    {0},
};
