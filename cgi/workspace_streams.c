// SPDX-License-Identifier: Apache-2.0
// Streams: making channels and scratchpads, and their members; a workspace's channels for its admins.
#include "cgi/workspace_routes.h"

#include "cgi/actors.h"
#include "cgi/body.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "base/id.h"
#include "base/jw.h"
#include "store/stream.h"

enum { NAME_MAX_BYTES = 200 };

static bool is_blank(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] > ' ')
            return false;
    return true;
}

static int create(struct request *r)
{
    struct str type, name, persona;
    bool is_private = false;
    int status = body_text(r, r->body, "type", REQUIRED, 1, 16, &type);
    if (!status)
        status = body_text(r, r->body, "name", REQUIRED, 1, NAME_MAX_BYTES, &name);
    if (!status)
        status = body_bool(r, r->body, "private", &is_private);
    if (!status)
        status = body_id(r, r->body, "personaId", "per", OPTIONAL, &persona);
    if (status)
        return status;
    if (!str_eq(type, STR("channel")) && !str_eq(type, STR("scratchpad")))
        return problem_body(r, "type", "must be channel or scratchpad");
    if (is_blank(name))
        return problem_body(r, "name", "must not be blank");
    struct stream_draft draft = {.type = request_keep(r, type),
                                 .name = request_keep(r, name),
                                 .private = is_private ? "t" : "f",
                                 .persona = request_keep(r, persona)};
    struct caller caller = caller_of(r);
    struct store_answer answer = store_stream_create(r->worker->pg, &caller, &draft);
    return reply_send(r, &answer, "stream", true);
}

static int get(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_stream_get(r->worker->pg, &caller, request_keep(r, r->id[1]));
    return reply_send(r, &answer, "stream", false);
}

static int list_channels(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_stream_channels(r->worker->pg, &caller);
    return reply_send(r, &answer, NULL, false);
}

static int list_members(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_stream_list_members(r->worker->pg, &caller, request_keep(r, r->id[1]));
    int status = reply_failure(r, &answer);
    if (!status) {
        status = 200;
        jw_open(&r->out, '{');
        jw_key(&r->out, "members");
        actors_print(&r->out, store_stream_members(&answer));
        jw_close(&r->out, '}');
    }
    store_answer_fini(&answer);
    return status;
}

// Reads the member that a change is about: {userId} or {personaId}, or the caller if neither is given.
static int read_member(struct request *r, const char **member)
{
    struct str user, persona;
    int status = body_id(r, r->body, "userId", "usr", OPTIONAL, &user);
    if (!status)
        status = body_id(r, r->body, "personaId", "per", OPTIONAL, &persona);
    if (!status && user.p && persona.p)
        status = problem_body(r, "personaId", "must not stand beside userId");
    if (!status)
        *member = request_keep(r, user.p ? user : persona);
    return status;
}

static int add_member(struct request *r)
{
    const char *member;
    struct caller caller = caller_of(r);
    int status = read_member(r, &member);
    if (status)
        return status;
    struct store_answer answer = store_stream_add(r->worker->pg, &caller, request_keep(r, r->id[1]), member);
    return reply_send(r, &answer, "member", true);
}

static int remove_member(struct request *r)
{
    const char *member;
    struct caller caller = caller_of(r);
    int status = read_member(r, &member);
    if (status)
        return status;
    struct store_answer answer = store_stream_remove(r->worker->pg, &caller, request_keep(r, r->id[1]), member);
    return reply_revoked(r, &answer, true);
}

const struct route stream_routes[] = {
    {METHOD_POST, "/api/workspaces/{ws}/streams", AUTH_PERSON, BODY_JSON, create},
    {METHOD_GET, "/api/workspaces/{ws}/streams/{str}", AUTH_KNOWN, BODY_NONE, get},
    {METHOD_GET, "/api/workspaces/{ws}/channels", AUTH_PERSON, BODY_NONE, list_channels},
    {METHOD_GET, "/api/workspaces/{ws}/streams/{str}/members", AUTH_KNOWN, BODY_NONE, list_members},
    {METHOD_POST, "/api/workspaces/{ws}/streams/{str}/members", AUTH_PERSON, BODY_EXACT, add_member},
    {METHOD_DELETE, "/api/workspaces/{ws}/streams/{str}/members", AUTH_PERSON, BODY_EXACT, remove_member},
    {0},
};
