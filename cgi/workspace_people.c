// SPDX-License-Identifier: Apache-2.0
// A workspace's people, for its admins: who they are, what they may, and their sign-ins; and the audit log.
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/names.h"
#include "cgi/problem.h"
#include "cgi/query.h"
#include "cgi/reply.h"
#include "base/id.h"
#include "store/audit.h"
#include "store/people.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500, ACTION_MOST = 64 };

static int list_people(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_people_list(r->worker->pg, &caller);
    return reply_send(r, &answer, NULL, false);
}

static int change(struct request *r)
{
    struct str name, role;
    int status = names_read(r, "name", OPTIONAL, &name);
    if (!status)
        status = names_read_role(r, OPTIONAL, &role);
    if (status)
        return status;
    if (!name.p && !role.p)
        return problem_body(r, "name", "or role must be given");
    struct caller caller = caller_of(r);
    struct store_answer answer = store_people_change(r->worker->pg, &caller, request_keep(r, r->id[1]),
                                                     request_keep(r, name), request_keep(r, role));
    return reply_send(r, &answer, "person", false);
}

static int account(struct request *r, enum store_people_verb verb)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_people_account(r->worker->pg, &caller, request_keep(r, r->id[1]), verb);
    return verb == STORE_PEOPLE_ACTIVATE ? reply_send(r, &answer, NULL, false) : reply_revoked(r, &answer, false);
}

static int sign_out(struct request *r)
{
    return account(r, STORE_PEOPLE_SIGN_OUT);
}

static int deactivate(struct request *r)
{
    return account(r, STORE_PEOPLE_DEACTIVATE);
}

static int activate(struct request *r)
{
    return account(r, STORE_PEOPLE_ACTIVATE);
}

static int list_audit(struct request *r)
{
    int64_t before, limit;
    struct str actor = request_query(r, "actor"), action = request_query(r, "action");
    int status = query_i64(r, "limit", 1, PAGE_MAX, PAGE_DEFAULT, &limit);
    if (!status)
        status = query_i64(r, "before", 1, INT64_MAX, INT64_MAX, &before);
    if (status)
        return status;
    if (actor.p && !id_valid(actor, "usr"))
        return problem_query(r, "actor", "must be a person's id");
    if (action.n > ACTION_MOST)
        return problem_query(r, "action", "is too long");
    struct store_audit_page page = {.before = request_keep_i64(r, before),
                                    .limit = request_keep_i64(r, limit),
                                    .actor = request_keep(r, actor),
                                    .action = action.n ? request_keep(r, action) : NULL};
    struct caller caller = caller_of(r);
    struct store_answer answer = store_audit_page(r->worker->pg, &caller, &page);
    return reply_send(r, &answer, NULL, false);
}

const struct route people_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/people", AUTH_PERSON, BODY_NONE, list_people},
    {METHOD_PATCH, "/api/workspaces/{ws}/people/{usr}", AUTH_PERSON, BODY_EXACT, change},
    {METHOD_POST, "/api/workspaces/{ws}/people/{usr}/sign-out", AUTH_PERSON, BODY_NONE, sign_out},
    {METHOD_POST, "/api/workspaces/{ws}/people/{usr}/deactivate", AUTH_PERSON, BODY_NONE, deactivate},
    {METHOD_POST, "/api/workspaces/{ws}/people/{usr}/activate", AUTH_PERSON, BODY_NONE, activate},
    {METHOD_GET, "/api/workspaces/{ws}/audit", AUTH_PERSON, BODY_NONE, list_audit},
    {0},
};
