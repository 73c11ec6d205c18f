// SPDX-License-Identifier: Apache-2.0
// The timeline of a stream: the snapshot that a page starts from, the pages of its history, and how far the caller has
// read.
#include "cgi/workspace_routes.h"

#include "cgi/actors.h"
#include "cgi/body.h"
#include "cgi/problem.h"
#include "cgi/query.h"
#include "cgi/reply.h"
#include "base/id.h"
#include "base/jw.h"
#include "store/notify.h"
#include "store/stream.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500 };

static int get_bootstrap(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_stream_bootstrap(r->worker->pg, &caller, request_keep(r, r->id[1]));
    int status = reply_failure(r, &answer);
    if (!status) {
        status = 200;
        jw_open(&r->out, '{');
        buf_str(&r->out, store_answer_body(&answer));
        jw_key(&r->out, "members");
        actors_print(&r->out, store_stream_members(&answer));
        jw_close(&r->out, '}');
    }
    store_answer_fini(&answer);
    return status;
}

// Reads the range that `around`, `before` or `after` asks for; without any of them it is the newest events.
static int read_range(struct request *r, struct timeline_range *range)
{
    struct str around = request_query(r, "around");
    int64_t before, after, middle = INT64_MAX, limit;
    int status = query_i64(r, "limit", 1, PAGE_MAX, PAGE_DEFAULT, &limit);
    if (!status)
        status = query_i64(r, "before", 0, INT64_MAX, -1, &before);
    if (!status)
        status = query_i64(r, "after", 0, INT64_MAX - 1, -1, &after);
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
    struct store_answer answer = store_stream_events(r->worker->pg, &caller, request_keep(r, r->id[1]), &range);
    return reply_send(r, &answer, NULL, false);
}

// The caller's other windows learn what is no longer unread.
static void tell_read(struct request *r, const struct store_answer *answer)
{
    struct buf members = {0};
    struct store_stream_mark mark;
    store_stream_read_mark(answer, &mark);
    if (!mark.has_changed)
        return;
    jw_member(&members, "streamId", r->id[1]);
    jw_member_i64(&members, "readSeq", mark.seq);
    jw_member_i64(&members, "mentionCount", mark.mentions);
    notify_to_user(r->worker->bus, r->id[0], mark.user_id, EVENT_STREAM_READ, buf_view(&members));
    if (mark.parent_id.p) {
        buf_clear(&members);
        jw_member(&members, "streamId", mark.parent_id);
        jw_member_i64(&members, "mentionCount", mark.parent_mentions);
        notify_to_user(r->worker->bus, r->id[0], mark.user_id, EVENT_STREAM_MENTIONED, buf_view(&members));
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
    struct store_answer answer =
        store_stream_read(r->worker->pg, &caller, request_keep(r, r->id[1]), request_keep_i64(r, seq));
    status = reply_failure(r, &answer);
    if (!status) {
        status = 204;
        tell_read(r, &answer);
    }
    store_answer_fini(&answer);
    return status;
}

const struct route timeline_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/streams/{str}/bootstrap", AUTH_KNOWN, BODY_NONE, get_bootstrap},
    {METHOD_GET, "/api/workspaces/{ws}/streams/{str}/events", AUTH_KNOWN, BODY_NONE, get_events},
    {METHOD_POST, "/api/workspaces/{ws}/streams/{str}/read", AUTH_PERSON, BODY_EXACT, mark_read},
    {0},
};
