// SPDX-License-Identifier: Apache-2.0
// Signing in and out, and the caller's own account.
#include "cgi/workspace_routes.h"

#include "base/address.h"
#include "cgi/body.h"
#include "cgi/login.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "base/config.h"
#include "base/password.h"
#include "store/auth.h"

enum { EMAIL_MAX = 320 };

static int login(struct request *r)
{
    struct str email, password;
    if (!config_number(CONFIG_PASSWORDS))
        return login_no_passwords(r);
    if (!r->worker->hashes_passwords)
        return login_busy(r);
    int status = body_text(r, r->body, "email", REQUIRED, 1, EMAIL_MAX, &email);
    if (!status)
        status = body_text(r, r->body, "password", REQUIRED, 1, PASSWORD_MOST, &password);
    if (status)
        return status;
    struct buf network = {0};
    address_network(&network, r->remote_address);
    struct store_attempt attempt = {.email = request_keep(r, email),
                                    .network = request_keep(r, buf_view(&network)),
                                    .replaced = r->is_program ? NULL : request_keep(r, r->secret)};
    buf_fini(&network);
    struct store_answer answer = store_auth_attempt(r->worker->pg, &attempt);
    if (store_has_failed(answer.outcome))
        return login_reply(r, &answer);
    struct store_account found;
    store_auth_read(&answer, &found);
    if (answer.outcome == STORE_TOO_OFTEN)
        status = problem_too_often(r, found.wait_s);
    attempt.user = request_keep(r, found.user_id);
    attempt.at = request_keep(r, found.at);
    attempt.hash = request_keep(r, found.password_hash);
    store_answer_fini(&answer);
    if (status)
        return status;
    return password_verify(attempt.hash, password)
               ? login_begin(r, &attempt)
               : problem(r, 401, "unauthenticated", "E-mail address or password is wrong.");
}

static int logout(struct request *r)
{
    struct store_answer answer = store_auth_end(r->worker->pg, request_keep(r, r->secret));
    if (!store_has_failed(answer.outcome))
        login_clear(r);
    return reply_revoked(r, &answer, false);
}

static int me(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_auth_me(r->worker->pg, &caller);
    return login_reply(r, &answer);
}

const struct route auth_routes[] = {
    {METHOD_POST, "/api/auth/login", AUTH_ANYONE, BODY_EXACT, login},
    {METHOD_POST, "/api/auth/logout", AUTH_PERSON, BODY_NONE, logout},
    {METHOD_GET, "/api/auth/me", AUTH_KNOWN, BODY_NONE, me},
    {0},
};
