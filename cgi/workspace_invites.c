// SPDX-License-Identifier: Apache-2.0
// Inviting people by a link. An admin makes it; its secret is in that answer alone and stands in the link's fragment,
// which browsers do not send. Whoever has it comes in once: with a new account, which takes as long as a sign-in and is
// made where sign-ins are (cgi/serve.c), or with the account that is signed in.
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/login.h"
#include "cgi/names.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "base/config.h"
#include "base/id.h"
#include "base/jw.h"
#include "base/password.h"
#include "store/invite.h"

enum { SECRET_BYTES = 32, SECRET_MOST = 64, DAY_S = 86400 };

static int list(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_invite_list(r->worker->pg, &caller);
    return reply_send(r, &answer, NULL, false);
}

static int create(struct request *r)
{
    struct str email, role;
    struct buf secret = {0};
    int status = names_read_email(r, &email);
    if (!status)
        status = names_read_role(r, OPTIONAL, &role);
    if (status)
        return status;
    id_secret(&secret, SECRET_BYTES);
    struct caller caller = caller_of(r);
    struct store_answer answer = store_invite_create(r->worker->pg, &caller, request_keep(r, email),
                                                     role.p ? request_keep(r, role) : "member", buf_cstr(&secret));
    status = reply_failure(r, &answer);
    if (!status) {
        status = 201;
        jw_open(&r->out, '{');
        jw_member_raw(&r->out, "invite", store_answer_body(&answer));
        jw_member(&r->out, "secret", buf_view(&secret));
        jw_close(&r->out, '}');
    }
    store_answer_fini(&answer);
    buf_fini(&secret);
    return status;
}

static int withdraw(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_invite_withdraw(r->worker->pg, &caller, request_keep(r, r->id[1]));
    return reply_send(r, &answer, NULL, false);
}

static int read_link(struct request *r, struct store_invite_link *link)
{
    struct str secret;
    int status = body_text(r, r->body, "secret", REQUIRED, 1, SECRET_MOST, &secret);
    if (!status)
        *link = (struct store_invite_link){.id = request_keep(r, r->id[0]), .secret = request_keep(r, secret)};
    return status;
}

static int show(struct request *r)
{
    struct store_invite_link link;
    int status = read_link(r, &link);
    if (status)
        return status;
    struct store_answer answer = store_invite_show(r->worker->pg, &link);
    return reply_send(r, &answer, "invite", false);
}

// Name and password of a new account; both NULL for one that is there.
static int read_account(struct request *r, struct store_invite_guest *guest, struct str *password)
{
    struct str name;
    int status = names_read(r, "name", OPTIONAL, &name);
    if (!status)
        status = body_text(r, r->body, "password", OPTIONAL, PASSWORD_LEAST, PASSWORD_MOST, password);
    if (!status && password->p && !config_number(CONFIG_PASSWORDS))
        status = login_no_passwords(r);
    if (!status)
        guest->name = request_keep(r, name);
    return status;
}

// Without the secret nobody makes the server hash a password.
static int check_link(struct request *r, const struct store_invite_link *link)
{
    struct store_answer answer = store_invite_show(r->worker->pg, link);
    int status = reply_failure(r, &answer);
    store_answer_fini(&answer);
    return status;
}

// Consumes the answer.
static int reply_account(struct request *r, struct store_answer *take_answer, struct str login_secret, int64_t days)
{
    int status = reply_failure(r, take_answer);
    if (!status && take_answer->outcome == STORE_MISFIT && !config_number(CONFIG_PASSWORDS)) {
        status = login_no_passwords(r);
    } else if (!status && take_answer->outcome == STORE_MISFIT) {
        bool has_name = !str_eq(store_answer_body(take_answer), STR("name"));
        status = problem_body(r, has_name ? "password" : "name", "must be given for a new account");
    } else if (!status) {
        status = (int)take_answer->outcome;
        if (take_answer->outcome == STORE_WRITTEN)
            login_set(r, login_secret, days * DAY_S);
        jw_open(&r->out, '{');
        buf_str(&r->out, store_answer_body(take_answer));
        jw_close(&r->out, '}');
    }
    store_answer_fini(take_answer);
    return status;
}

static int accept(struct request *r)
{
    struct store_invite_link link;
    struct store_invite_guest guest = {0};
    struct str password;
    if (!r->worker->hashes_passwords)
        return login_busy(r);
    int status = read_link(r, &link);
    if (!status)
        status = read_account(r, &guest, &password);
    if (!status)
        status = check_link(r, &link);
    if (status)
        return status;
    struct buf hash = {0}, secret = {0};
    char login[ID_SIZE];
    int64_t days = config_number(CONFIG_LOGIN_DAYS);
    if (password.p) {
        password_hash(&hash, password);
        guest.password_hash = buf_cstr(&hash);
    }
    id_new(login, "lgn");
    id_secret(&secret, SECRET_BYTES);
    // A cookie of before the update may be anybody's making (cgi/login.h): it speaks for nobody here.
    guest.login_secret = r->is_program || r->is_old_login ? NULL : request_keep(r, r->secret);
    guest.fresh_login = login;
    guest.fresh_secret = buf_cstr(&secret);
    guest.days = request_keep_i64(r, days);
    struct store_answer answer = store_invite_accept(r->worker->pg, &link, &guest);
    status = reply_account(r, &answer, buf_view(&secret), days);
    buf_fini(&hash);
    buf_fini(&secret);
    return status;
}

const struct route invite_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/invites", AUTH_PERSON, BODY_NONE, list},
    {METHOD_POST, "/api/workspaces/{ws}/invites", AUTH_PERSON, BODY_EXACT, create},
    {METHOD_DELETE, "/api/workspaces/{ws}/invites/{inv}", AUTH_PERSON, BODY_NONE, withdraw},
    {METHOD_POST, "/api/invites/{inv}", AUTH_ANYONE, BODY_EXACT, show},
    {METHOD_POST, "/api/invites/{inv}/accept", AUTH_ANYONE, BODY_EXACT, accept},
    {0},
};
