// SPDX-License-Identifier: Apache-2.0
// Personas: made and changed by a workspace's admins; what an agent says of its model.
#include "cgi/workspace_routes.h"

#include "cgi/actors.h"
#include "cgi/body.h"
#include "cgi/names.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "base/jw.h"
#include "store/persona.h"

enum { DESCRIPTION_MOST = 2000 };

// Consumes the answer.
static int reply_persona(struct request *r, struct store_answer *take_answer)
{
    int status = reply_failure(r, take_answer);
    if (!status) {
        status = (int)take_answer->outcome;
        jw_open(&r->out, '{');
        jw_key(&r->out, "persona");
        actors_print_one(&r->out, store_answer_body(take_answer));
        jw_close(&r->out, '}');
    }
    store_answer_fini(take_answer);
    return status;
}

static int read_draft(struct request *r, enum presence name_presence, struct store_persona_draft *draft)
{
    struct str name, avatar, description;
    int status = names_read(r, "name", name_presence, &name);
    if (!status)
        status = names_read_avatar(r, &avatar);
    if (!status)
        status = body_text(r, r->body, "description", OPTIONAL, 0, DESCRIPTION_MOST, &description);
    if (!status)
        *draft = (struct store_persona_draft){.name = request_keep(r, name),
                                              .avatar = request_keep(r, avatar),
                                              .description = request_keep(r, description)};
    return status;
}

static int create(struct request *r)
{
    struct store_persona_draft draft;
    struct str slug;
    int status = read_draft(r, REQUIRED, &draft);
    if (!status)
        status = names_read_slug(r, &slug);
    if (status)
        return status;
    draft.slug = request_keep(r, slug);
    struct caller caller = caller_of(r);
    struct store_answer answer = store_persona_create(r->worker->pg, &caller, &draft);
    return reply_persona(r, &answer);
}

static int change(struct request *r)
{
    struct store_persona_draft draft;
    int status = read_draft(r, OPTIONAL, &draft);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer = store_persona_change(r->worker->pg, &caller, request_keep(r, r->id[1]), &draft);
    return reply_persona(r, &answer);
}

static int tell_model(struct request *r)
{
    static const char *const known[] = {"reachable", "unreachable", "unknown", "refused"};
    struct str given;
    int status = body_text(r, r->body, "status", REQUIRED, 1, 16, &given);
    if (status)
        return status;
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        is_known |= str_eq(given, str_from(known[i]));
    if (!is_known)
        return problem_body(r, "status", "must be reachable, unreachable, unknown or refused");
    struct caller caller = caller_of(r);
    struct store_answer answer = store_persona_tell_model(r->worker->pg, &caller, request_keep(r, given));
    status = reply_failure(r, &answer);
    store_answer_fini(&answer);
    return status ? status : 204;
}

const struct route persona_routes[] = {
    {METHOD_POST, "/api/workspaces/{ws}/personas", AUTH_PERSON, BODY_EXACT, create},
    {METHOD_PATCH, "/api/workspaces/{ws}/personas/{per}", AUTH_PERSON, BODY_EXACT, change},
    {METHOD_PUT, "/api/workspaces/{ws}/model-status", AUTH_PROGRAM, BODY_EXACT, tell_model},
    {0},
};
