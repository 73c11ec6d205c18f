// SPDX-License-Identifier: Apache-2.0
// Messages of people and agents: posting, reading, editing, deleting, and their threads.
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/mentions.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "cgi/sources.h"
#include "store/message.h"

enum { CONTENT_MAX = 1 << 20, CLIENT_ID_MAX = 200 };

static int read_content(struct request *r, const char **content, const char **slugs)
{
    struct str text;
    struct buf literal = {0};
    int status = body_text(r, r->body, "content", REQUIRED, 1, CONTENT_MAX, &text);
    if (status)
        return status;
    size_t blank = 0;
    while (blank < text.n && strchr(" \t\r\n", text.p[blank]))
        blank++;
    if (blank == text.n)
        return problem_body(r, "content", "must not be blank");
    *content = request_keep(r, text);
    mentions_print(&literal, text);
    *slugs = request_keep(r, buf_view(&literal));
    buf_fini(&literal);
    return 0;
}

static int post(struct request *r)
{
    struct message_draft draft = {.stream = request_keep(r, r->id[1])};
    struct str client_id, session, sources;
    struct caller caller = caller_of(r);
    int status = read_content(r, &draft.content, &draft.slugs);
    if (!status)
        status = body_text(r, r->body, "clientMessageId", OPTIONAL, 1, CLIENT_ID_MAX, &client_id);
    if (!status)
        status = body_id(r, r->body, "sessionId", "ses", OPTIONAL, &session);
    if (!status)
        status = sources_read(r, r->body, "sources", &sources, NULL);
    if (status)
        return status;
    draft.client_id = request_keep(r, client_id);
    draft.session = request_keep(r, session);
    draft.sources = request_keep(r, sources);
    struct store_answer answer = store_message_post(r->worker->pg, &caller, &draft);
    return reply_send(r, &answer, "message", true);
}

static int get(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_message_get(r->worker->pg, &caller, request_keep(r, r->id[1]));
    return reply_send(r, &answer, NULL, false);
}

static int edit(struct request *r)
{
    const char *content, *slugs;
    struct caller caller = caller_of(r);
    int status = read_content(r, &content, &slugs);
    if (status)
        return status;
    struct store_answer answer = store_message_edit(r->worker->pg, &caller, request_keep(r, r->id[1]), content, slugs);
    return reply_send(r, &answer, NULL, true);
}

static int erase(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_message_delete(r->worker->pg, &caller, request_keep(r, r->id[1]));
    return reply_send(r, &answer, NULL, true);
}

static int open_thread(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_message_thread(r->worker->pg, &caller, request_keep(r, r->id[1]));
    return reply_send(r, &answer, "stream", true);
}

const struct route message_routes[] = {
    {METHOD_POST, "/api/workspaces/{ws}/streams/{str}/messages", AUTH_KNOWN, BODY_JSON, post},
    {METHOD_GET, "/api/workspaces/{ws}/messages/{msg}", AUTH_KNOWN, BODY_NONE, get},
    {METHOD_PATCH, "/api/workspaces/{ws}/messages/{msg}", AUTH_KNOWN, BODY_JSON, edit},
    {METHOD_DELETE, "/api/workspaces/{ws}/messages/{msg}", AUTH_KNOWN, BODY_NONE, erase},
    {METHOD_POST, "/api/workspaces/{ws}/messages/{msg}/thread", AUTH_KNOWN, BODY_NONE, open_thread},
    {0},
};
