// SPDX-License-Identifier: Apache-2.0
// Tokens for agents, made, replaced and revoked by an admin of the workspace. A secret is shown in one answer alone:
// what is kept is its hash.
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/names.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/jw.h"
#include "store/token.h"

enum { SECRET_BYTES = 32, OVERLAP_DEFAULT_S = 86400, OVERLAP_MOST_S = 30 * 86400 };

static const struct str known[] = {
    {"read", 4}, {"sessions:write", 14}, {"messages:write", 14}, {"scores:write", 12}, {"ingest", 6}};

static bool is_known_scope(struct str text)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_eq(text, known[i]))
            return true;
    return false;
}

// The scopes as an array literal; every one is known, so that nothing needs to be escaped.
static int read_scopes(struct request *r, struct buf *literal)
{
    json_t *scopes = json_object_get(r->body, "scopes");
    size_t n = json_array_size(scopes);
    buf_char(literal, '{');
    for (size_t i = 0; i < n; i++) {
        json_t *scope = json_array_get(scopes, i);
        struct str text = {json_string_value(scope), json_string_length(scope)};
        if (!text.p || !is_known_scope(text))
            n = 0;
        else if (i > 0)
            buf_char(literal, ',');
        buf_str(literal, text);
    }
    buf_char(literal, '}');
    if (n == 0 || n > sizeof known / sizeof known[0])
        return problem_body(r, "scopes",
                            "must be a list of read, sessions:write, messages:write, scores:write and ingest");
    return 0;
}

static void make_secret(struct buf *secret)
{
    buf_lit(secret, "atk_");
    id_secret(secret, SECRET_BYTES);
}

// `expiresAt` is a time to come.
static int read_end(struct request *r, struct store_token_draft *draft)
{
    int64_t us;
    int status = body_time(r, r->body, "expiresAt", &draft->expires_us);
    if (status || !draft->expires_us)
        return status;
    bool is_past = str_to_i64(str_from(draft->expires_us), &us) || us <= clock_wall_us();
    return is_past ? problem_body(r, "expiresAt", "must be a time to come") : 0;
}

// The new token and its secret, which is in no other answer. Consumes the answer.
static int reply_made(struct request *r, struct store_answer *take_answer, const struct buf *secret)
{
    int status = reply_failure(r, take_answer);
    if (!status) {
        status = 201;
        jw_open(&r->out, '{');
        jw_member_raw(&r->out, "token", store_answer_body(take_answer));
        jw_member(&r->out, "secret", buf_view(secret));
        jw_close(&r->out, '}');
    }
    store_answer_fini(take_answer);
    return status;
}

static int list(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_token_list(r->worker->pg, &caller);
    return reply_send(r, &answer, NULL, false);
}

static int create(struct request *r)
{
    struct str persona, label;
    struct buf scopes = {0}, secret = {0};
    struct store_token_draft draft = {0};
    int status = body_id(r, r->body, "personaId", "per", REQUIRED, &persona);
    if (!status)
        status = read_scopes(r, &scopes);
    if (!status)
        status = names_read(r, "label", OPTIONAL, &label);
    if (!status)
        status = read_end(r, &draft);
    if (status)
        goto out;
    make_secret(&secret);
    draft.persona = request_keep(r, persona);
    draft.secret = buf_cstr(&secret);
    draft.scopes = buf_cstr(&scopes);
    draft.label = request_keep(r, label);
    struct caller caller = caller_of(r);
    struct store_answer answer = store_token_create(r->worker->pg, &caller, &draft);
    status = reply_made(r, &answer, &secret);
out:
    buf_fini(&scopes);
    buf_fini(&secret);
    return status;
}

static int rotate(struct request *r)
{
    int64_t overlap_s = OVERLAP_DEFAULT_S;
    struct store_token_draft draft = {0};
    int status = body_i64(r, r->body, "overlapSeconds", OPTIONAL, 0, OVERLAP_MOST_S, &overlap_s);
    if (!status)
        status = read_end(r, &draft);
    if (status)
        return status;
    struct buf secret = {0};
    make_secret(&secret);
    draft.secret = buf_cstr(&secret);
    struct caller caller = caller_of(r);
    struct store_answer answer =
        store_token_rotate(r->worker->pg, &caller, request_keep(r, r->id[1]), request_keep_i64(r, overlap_s), &draft);
    status = reply_made(r, &answer, &secret);
    buf_fini(&secret);
    return status;
}

static int revoke(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_token_revoke(r->worker->pg, &caller, request_keep(r, r->id[1]));
    return reply_revoked(r, &answer, false);
}

const struct route token_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/tokens", AUTH_PERSON, BODY_NONE, list},
    {METHOD_POST, "/api/workspaces/{ws}/tokens", AUTH_PERSON, BODY_EXACT, create},
    {METHOD_POST, "/api/workspaces/{ws}/tokens/{tok}/rotate", AUTH_PERSON, BODY_EXACT, rotate},
    {METHOD_DELETE, "/api/workspaces/{ws}/tokens/{tok}", AUTH_PERSON, BODY_NONE, revoke},
    {0},
};
