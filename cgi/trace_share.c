// SPDX-License-Identifier: Apache-2.0
// Links of a session for people outside of the workspace: made, listed and revoked. How one is opened is
// cgi/workspace_share.c.
#include "cgi/body.h"
#include "cgi/trace.h"
#include "base/id.h"
#include "base/jw.h"
#include "store/share.h"

enum { SECRET_BYTES = 32, DAYS = 7, DAYS_MAX = 365 };

static int refused(struct request *r, const struct store_answer *answer)
{
    if (answer->outcome == STORE_FORBIDDEN)
        return problem(r, 403, "admin_only", "Only an admin of the workspace may do this.");
    return reply_failure(r, answer);
}

static int create(struct request *r)
{
    int64_t days = DAYS;
    int status = body_i64(r, r->body, "days", OPTIONAL, 1, DAYS_MAX, &days);
    if (status)
        return status;
    struct buf secret = {0};
    id_secret(&secret, SECRET_BYTES);
    struct caller caller = caller_of(r);
    struct store_answer answer = store_share_make(r->worker->pg, &caller, trace_id(r, PATH_SESSION), buf_cstr(&secret),
                                                  request_keep_i64(r, days));
    status = refused(r, &answer);
    if (!status) {
        status = 201;
        jw_open(&r->out, '{');
        jw_member_raw(&r->out, "share", store_answer_body(&answer));
        jw_member(&r->out, "secret", buf_view(&secret));
        jw_close(&r->out, '}');
    }
    store_answer_fini(&answer);
    buf_fini(&secret);
    return status;
}

static int list(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_share_list(r->worker->pg, &caller, trace_id(r, PATH_SESSION));
    int status = refused(r, &answer);
    if (status)
        store_answer_fini(&answer);
    return status ? status : reply_send(r, &answer, NULL, false);
}

#define SHARES "/api/workspaces/{ws}/agent-sessions/{ses}/shares"
const struct route trace_share_routes[] = {
    {METHOD_POST, SHARES, AUTH_PERSON, BODY_EXACT, create},
    {METHOD_GET, SHARES, AUTH_PERSON, BODY_NONE, list},
    {0},
};
