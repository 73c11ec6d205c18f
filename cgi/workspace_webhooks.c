// SPDX-License-Identifier: Apache-2.0
// Webhooks of a workspace, made by its admins. The secret is shown in the answer that makes one, and nowhere else; the
// sweeper delivers (admin/commands/deliver.c).
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "base/jw.h"
#include "store/webhook.h"
#include "store/webhook_terms.h"

static int read_events(struct request *r, struct buf *literal)
{
    json_t *events = json_object_get(r->body, "events");
    size_t n = json_array_size(events), i;
    json_t *event;
    bool is_known = n > 0 && n <= 3;
    buf_char(literal, '{');
    json_array_foreach(events, i, event)
    {
        struct str text = {json_string_value(event), json_string_length(event)};
        is_known = is_known && text.p && webhook_terms_is_event(text);
        if (!is_known)
            break;
        if (i)
            buf_char(literal, ',');
        buf_str(literal, text);
    }
    buf_char(literal, '}');
    if (!is_known)
        return problem_body(r, "events",
                            "must be a list of session.completed, session.failed and session.decision_needed");
    return 0;
}

static int create(struct request *r)
{
    struct str url;
    struct buf events = {0}, secret = {0};
    struct store_answer answer = {0};
    int status = body_text(r, r->body, "url", REQUIRED, 1, WEBHOOK_URL_MAX, &url);
    if (!status && !webhook_terms_is_url(url))
        status = problem_body(r, "url", "must be an http or https address");
    if (status || (status = read_events(r, &events)))
        goto out;
    webhook_terms_secret(&secret);
    struct caller caller = caller_of(r);
    struct store_webhook webhook = {request_keep(r, url), buf_cstr(&events), buf_cstr(&secret)};
    answer = store_webhook_create(r->worker->pg, &caller, &webhook);
    status = reply_failure(r, &answer);
    if (status)
        goto out;
    status = 201;
    jw_open(&r->out, '{');
    jw_member_raw(&r->out, "webhook", store_answer_body(&answer));
    jw_member(&r->out, "secret", buf_view(&secret));
    jw_close(&r->out, '}');
out:
    store_answer_fini(&answer);
    buf_fini(&events);
    buf_fini(&secret);
    return status;
}

static int list(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_webhook_list(r->worker->pg, &caller);
    return reply_send(r, &answer, NULL, false);
}

static int remove_one(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_webhook_remove(r->worker->pg, &caller, request_keep(r, r->id[1]));
    return reply_send(r, &answer, NULL, false);
}

const struct route webhook_routes[] = {
    {METHOD_POST, "/api/workspaces/{ws}/webhooks", AUTH_PERSON, BODY_JSON, create},
    {METHOD_GET, "/api/workspaces/{ws}/webhooks", AUTH_PERSON, BODY_NONE, list},
    {METHOD_DELETE, "/api/workspaces/{ws}/webhooks/{whk}", AUTH_PERSON, BODY_NONE, remove_one},
    {0},
};
