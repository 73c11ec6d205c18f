// SPDX-License-Identifier: Apache-2.0
// Signing in by an identity provider, in two halves: `begin` says where the browser goes, and `complete` takes what it
// came back with. Both wait for the provider, so only a few workers do it at a time (cgi/turns.h).
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/login.h"
#include "cgi/names.h"
#include "cgi/oidc_login.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "cgi/turns.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/jw.h"
#include "base/utf8.h"
#include "oidc/fetch.h"
#include "oidc/token.h"
#include "store/oidc.h"

enum { BEGIN_S = 4, CODE_MAX = 4096, STATE_MAX = 128, NAME_MOST = 200, EMAIL_MOST = 200 };

// How people can sign in here.
static int methods(struct request *r)
{
    jw_open(&r->out, '{');
    jw_member_bool(&r->out, "password", config_number(CONFIG_PASSWORDS) != 0);
    if (oidc_login_is_on()) {
        jw_key(&r->out, "provider");
        jw_open(&r->out, '{');
        jw_member(&r->out, "label", str_from(config_text(CONFIG_OIDC_LABEL)));
        jw_close(&r->out, '}');
    }
    jw_close(&r->out, '}');
    return 200;
}

// Runs one of the halves, if this worker may wait for the provider now.
static int in_turn(struct request *r, int (*half)(struct request *r))
{
    if (!oidc_login_is_on())
        return problem_not_found(r);
    int turn = turns_take();
    if (turn < 0) {
        request_header(r, "Retry-After", STR("1"));
        return problem(r, 429, "too_many_attempts",
                       "Too many people are signing in at the moment. Try again in a second.");
    }
    int status = half(r);
    turns_give(turn);
    return status;
}

static void add(struct buf *address, const char *name, struct str value)
{
    buf_char(address, '&');
    buf_str(address, str_from(name));
    buf_char(address, '=');
    oidc_fetch_encode(address, value);
}

// The authentication request (OpenID Connect Core 1.0, 3.1.2.1; RFC 7636, 4.3).
static int begin_now(struct request *r)
{
    struct oidc_provider provider;
    int status = oidc_login_provider(r, clock_mono_ns() + BEGIN_S * INT64_C(1000000000), &provider);
    if (status)
        return status;
    struct buf address = {0}, back = {0}, challenge = {0};
    struct oidc_attempt attempt;
    oidc_attempt_begin(r, &attempt);
    oidc_login_return_address(&back);
    oidc_token_challenge(&challenge, buf_view(&attempt.verifier));
    buf_str(&address, str_from(provider.authorization));
    buf_str(&address, strchr(provider.authorization, '?') ? STR("&response_type=code") : STR("?response_type=code"));
    add(&address, "scope", STR("openid email profile"));
    add(&address, "client_id", str_from(config_text(CONFIG_OIDC_CLIENT_ID)));
    add(&address, "redirect_uri", buf_view(&back));
    add(&address, "state", buf_view(&attempt.state));
    add(&address, "nonce", buf_view(&attempt.nonce));
    add(&address, "code_challenge", buf_view(&challenge));
    add(&address, "code_challenge_method", STR("S256"));
    jw_open(&r->out, '{');
    jw_member(&r->out, "location", buf_view(&address));
    jw_close(&r->out, '}');
    oidc_attempt_fini(&attempt);
    oidc_provider_fini(&provider);
    buf_fini(&address);
    buf_fini(&back);
    buf_fini(&challenge);
    return 200;
}

static int begin(struct request *r)
{
    return in_turn(r, begin_now);
}

// Why somebody whom the provider knows does not come in.
static const struct refusal {
    const char *detail;
    const char *reason;
} refusals[] = {
    {"There is no account for this address, and its domain does not let new people in.", "unknown_person"},
    {"This account was deactivated. An admin can activate it.", "deactivated"},
    {"The account with this address belongs to somebody else at the sign-in service. Ask an admin.", "address_taken"},
    {"The sign-in service has not verified your e-mail address.", "email_unverified"},
};

static int refuse(struct request *r, struct str reason)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (str_eq(reason, str_from(refusals[i].reason)))
            return problem_with(r, 403, "sign_in_refused", refusals[i].detail, "reason", reason);
    return problem_internal(r);
}

// Finds or makes the person; *user lives as long as the request. 0, or the status of a problem.
static int find_person(struct request *r, const struct oidc_person *person, const char **user)
{
    bool is_fit = person->email.n && person->email.n <= EMAIL_MOST && utf8_valid(person->email);
    if (!is_fit)
        return refuse(r, STR("email_unverified"));
    struct str name = person->name.n ? utf8_prefix(person->name, NAME_MOST) : STR_NONE;
    if (!names_is_good(name))
        name = person->email;
    const struct store_oidc_identity identity = {
        .issuer = config_text(CONFIG_OIDC_ISSUER),
        .subject = request_keep(r, person->subject),
        .email = request_keep(r, person->email),
        .name = request_keep(r, name),
        .workspace = oidc_login_workspace(r, person->email),
    };
    struct store_answer answer = store_oidc_person(r->worker->pg, &identity);
    int status =
        answer.outcome == STORE_FORBIDDEN ? refuse(r, store_answer_problem(&answer)) : reply_refusal(r, answer.outcome);
    *user = status ? NULL : request_keep(r, store_oidc_user(&answer));
    store_answer_fini(&answer);
    return status;
}

static int complete_now(struct request *r)
{
    struct str code, state;
    int status;
    if ((status = body_text(r, r->body, "code", REQUIRED, 1, CODE_MAX, &code)) ||
        (status = body_text(r, r->body, "state", REQUIRED, 1, STATE_MAX, &state)))
        return status;
    struct oidc_attempt attempt;
    struct oidc_person person;
    json_t *claims = NULL;
    const char *user = NULL;
    if (oidc_attempt_resume(r, r->cookies, state, &attempt))
        return problem(r, 401, "sign_in_expired",
                       "This sign-in was not begun in this browser, or too long ago. Sign in again.");
    status = oidc_login_redeem(r, code, &attempt, &claims, &person);
    if (!status)
        status = find_person(r, &person, &user);
    json_decref(claims);
    oidc_attempt_fini(&attempt);
    const char *own = r->is_program ? NULL : request_keep(r, r->secret);
    return status ? status : login_begin(r, &(struct store_attempt){.user = user, .replaced = own});
}

static int complete(struct request *r)
{
    return in_turn(r, complete_now);
}

const struct route oidc_routes[] = {
    {METHOD_GET, "/api/auth/methods", AUTH_ANYONE, BODY_NONE, methods},
    {METHOD_POST, "/api/auth/provider/begin", AUTH_ANYONE, BODY_NONE, begin},
    {METHOD_POST, "/api/auth/provider/complete", AUTH_ANYONE, BODY_EXACT, complete},
    {0},
};
