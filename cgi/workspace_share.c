// SPDX-License-Identifier: Apache-2.0
// Shares of a whole workspace, and the exchange of a link's secret for a ticket. Links are made by cgi/trace_share.c,
// and what a ticket opens is read by the handlers of the workspace's readers (cgi/trace_page.c, cgi/workspace_door.c).
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/credential.h"
#include "cgi/login.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "cgi/share_cookie.h"
#include "base/address.h"
#include "base/id.h"
#include "base/jw.h"
#include "store/share.h"

enum { SECRET_BYTES = 32, SECRET_MAX = 128, PATH_SHARE = 1 };

static int opened(struct request *r, struct str ticket, const struct store_share_opened *found)
{
    struct buf cookie = {0};
    share_cookie_print(&cookie, r->id[0], ticket, found->seconds, login_is_tls());
    request_header(r, "Set-Cookie", buf_view(&cookie));
    buf_fini(&cookie);
    jw_open(&r->out, '{');
    jw_member_raw(&r->out, "share", found->printed);
    jw_member_i64(&r->out, "ticketSeconds", found->seconds);
    jw_close(&r->out, '}');
    return 200;
}

static int exchange(struct request *r)
{
    struct str secret;
    int status = body_text(r, r->body, "secret", REQUIRED, 1, SECRET_MAX, &secret);
    if (status)
        return status;
    if (!credential_is_secret(secret))
        secret = STR("-");
    struct buf network = {0}, ticket = {0};
    address_network(&network, r->remote_address);
    id_secret(&ticket, SECRET_BYTES);
    struct store_share_opening opening = {.share = request_keep(r, r->id[0]),
                                          .secret = request_keep(r, secret),
                                          .network = buf_cstr(&network),
                                          .ticket = buf_cstr(&ticket)};
    struct store_answer answer = store_share_open(r->worker->pg, &opening);
    status = reply_refusal(r, answer.outcome);
    if (!status) {
        struct store_share_opened found;
        store_share_read_opened(&answer, &found);
        status = answer.outcome == STORE_TOO_OFTEN ? problem_too_often(r, found.seconds)
                                                   : opened(r, buf_view(&ticket), &found);
    }
    store_answer_fini(&answer);
    buf_fini(&network);
    buf_fini(&ticket);
    return status;
}

static int list(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_share_list_workspace(r->worker->pg, &caller);
    return reply_send(r, &answer, NULL, false);
}

static int revoke(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_share_revoke(r->worker->pg, &caller, request_keep(r, r->id[PATH_SHARE]));
    return reply_revoked(r, &answer, false);
}

static int enable(struct request *r)
{
    bool is_enabled = false;
    if (!json_object_get(r->body, "enabled"))
        return problem_body(r, "enabled", "is missing");
    int status = body_bool(r, r->body, "enabled", &is_enabled);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer = store_share_enable(r->worker->pg, &caller, is_enabled);
    if (answer.outcome == STORE_FORBIDDEN) {
        store_answer_fini(&answer);
        return problem(r, 403, "admin_only", "Only an admin of the workspace may do this.");
    }
    return reply_send(r, &answer, NULL, false);
}

const struct route share_routes[] = {
    {METHOD_POST, "/api/shares/{shr}/ticket", AUTH_ANYONE, BODY_EXACT, exchange},
    {METHOD_GET, "/api/workspaces/{ws}/shares", AUTH_PERSON, BODY_NONE, list},
    {METHOD_PUT, "/api/workspaces/{ws}/shares", AUTH_PERSON, BODY_EXACT, enable},
    {METHOD_DELETE, "/api/workspaces/{ws}/shares/{shr}", AUTH_PERSON, BODY_NONE, revoke},
    {0},
};
