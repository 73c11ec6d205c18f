// SPDX-License-Identifier: Apache-2.0
// Retention, for admins of the workspace: for how long the steps of ended sessions are kept, and what is held.
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "store/retention.h"

enum { PATH_STREAM = 1 };

static int answer_with(struct request *r, struct store_answer *take_answer)
{
    if (take_answer->outcome != STORE_FORBIDDEN)
        return reply_send(r, take_answer, NULL, false);
    store_answer_fini(take_answer);
    return problem(r, 403, "admin_only", "Only an admin of the workspace may do this.");
}

static int show(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_retention_show(r->worker->pg, &caller);
    return answer_with(r, &answer);
}

static int put_of(struct request *r, const char *stream)
{
    struct store_retention rule = {.stream = stream};
    const char *seen = NULL;
    int64_t days = 0;
    int status = body_i64(r, r->body, "days", OPTIONAL, 1, RETENTION_DAYS_MAX, &days);
    if (!status)
        status = body_bool(r, r->body, "held", &rule.is_held);
    // For ever is said, and is not what remains when a word is mistyped.
    if (!status && !json_object_get(r->body, "days"))
        status = problem_body(r, "days", "is missing");
    if (!status)
        status = body_was(r, &seen);
    if (status)
        return status;
    rule.days = days ? request_keep_i64(r, days) : NULL;
    struct caller caller = caller_of(r);
    struct store_answer answer = store_retention_put(r->worker->pg, &caller, &rule, seen);
    return answer_with(r, &answer);
}

static int put(struct request *r)
{
    return put_of(r, NULL);
}

static int put_stream(struct request *r)
{
    return put_of(r, request_keep(r, r->id[PATH_STREAM]));
}

static int erase_stream(struct request *r)
{
    const char *seen;
    int status = body_was(r, &seen);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer =
        store_retention_remove(r->worker->pg, &caller, request_keep(r, r->id[PATH_STREAM]), seen);
    return answer_with(r, &answer);
}

const struct route retention_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/retention", AUTH_PERSON, BODY_NONE, show},
    {METHOD_PUT, "/api/workspaces/{ws}/retention", AUTH_PERSON, BODY_EXACT, put},
    {METHOD_PUT, "/api/workspaces/{ws}/streams/{str}/retention", AUTH_PERSON, BODY_EXACT, put_stream},
    {METHOD_DELETE, "/api/workspaces/{ws}/streams/{str}/retention", AUTH_PERSON, BODY_EXACT, erase_stream},
    {0},
};
