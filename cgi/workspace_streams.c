// Streams: making channels and scratchpads, and their members.
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/reply.h"
#include "lib/id.h"
#include "lib/store_stream.h"

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
    struct answer answer = store_stream_create(r->worker->pg, &caller, &draft);
    return reply_send(r, &answer, "stream", true);
}

static int get(struct request *r)
{
    struct caller caller = caller_of(r);
    struct answer answer = store_stream_get(r->worker->pg, &caller, request_keep(r, r->id[1]));
    return reply_send(r, &answer, "stream", false);
}

// Whom a change of members is about: {userId} or {personaId}; neither is oneself.
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
    struct answer answer = store_stream_add(r->worker->pg, &caller, request_keep(r, r->id[1]), member);
    return reply_send(r, &answer, "member", true);
}

static int remove_member(struct request *r)
{
    const char *member;
    struct caller caller = caller_of(r);
    int status = read_member(r, &member);
    if (status)
        return status;
    struct answer answer = store_stream_remove(r->worker->pg, &caller, request_keep(r, r->id[1]), member);
    return reply_send(r, &answer, NULL, true);
}

const struct route stream_routes[] = {
    {METHOD_POST, "/api/workspaces/{ws}/streams", WHO_PERSON, BODY_JSON, create},
    {METHOD_GET, "/api/workspaces/{ws}/streams/{str}", WHO_KNOWN, BODY_NONE, get},
    {METHOD_POST, "/api/workspaces/{ws}/streams/{str}/members", WHO_PERSON, BODY_JSON, add_member},
    {METHOD_DELETE, "/api/workspaces/{ws}/streams/{str}/members", WHO_PERSON, BODY_JSON, remove_member},
    {0},
};
