// SPDX-License-Identifier: Apache-2.0
#include "cgi/login.h"

#include "cgi/login_cookie.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "base/config.h"
#include "base/id.h"
#include "base/jw.h"

enum { SECRET_BYTES = 32, DAY_S = 86400 };

bool login_is_tls(void)
{
    return str_starts(str_from(config_text(CONFIG_PUBLIC_URL)), STR("https:"));
}

static void set_header(struct request *r, struct buf *take_cookie)
{
    request_header(r, "Set-Cookie", buf_view(take_cookie));
    buf_fini(take_cookie);
}

static void clear_old(struct request *r)
{
    struct buf cookie = {0};
    login_cookie_print_old_end(&cookie, login_is_tls());
    set_header(r, &cookie);
}

void login_set(struct request *r, struct str secret, int64_t seconds)
{
    struct buf cookie = {0};
    login_cookie_print(&cookie, secret, seconds, login_is_tls());
    set_header(r, &cookie);
    if (r->is_old_login)
        clear_old(r);
}

void login_clear(struct request *r)
{
    struct buf cookie = {0};
    login_cookie_print_end(&cookie, login_is_tls());
    set_header(r, &cookie);
    clear_old(r);
}

int login_busy(struct request *r)
{
    request_header(r, "Retry-After", STR("1"));
    return problem(r, 429, "too_many_attempts", "Too many people are signing in at the moment. Try again in a second.");
}

int login_no_passwords(struct request *r)
{
    return problem(r, 403, "passwords_off", "Passwords are switched off here. Sign in by the sign-in service.");
}

int login_check_old(struct request *r, int64_t *left_s)
{
    enum store_outcome outcome = store_auth_exchange(r->worker->pg, request_keep(r, r->secret), left_s);
    if (outcome == STORE_NOT_FOUND)
        r->secret = STR_NONE;
    return store_has_failed(outcome) ? reply_refusal(r, outcome) : 0;
}

void login_exchange(struct request *r, int64_t left_s)
{
    bool is_said = r->headers.n && memmem(r->headers.p, r->headers.n, "Set-Cookie:", 11);
    if (r->secret.p && !is_said)
        login_set(r, r->secret, left_s);
}

int login_reply(struct request *r, struct store_answer *take_answer)
{
    int status = reply_failure(r, take_answer);
    if (!status) {
        status = (int)take_answer->outcome;
        jw_open(&r->out, '{');
        buf_str(&r->out, store_answer_body(take_answer));
        jw_close(&r->out, '}');
    }
    store_answer_fini(take_answer);
    return status;
}

int login_begin(struct request *r, const struct store_attempt *attempt)
{
    char login[ID_SIZE];
    struct buf secret = {0};
    int64_t days = config_number(CONFIG_LOGIN_DAYS);
    id_new(login, "lgn");
    id_secret(&secret, SECRET_BYTES);
    struct store_answer answer =
        store_auth_begin(r->worker->pg, attempt, login, buf_cstr(&secret), request_keep_i64(r, days));
    if (answer.outcome == STORE_OK)
        login_set(r, buf_view(&secret), days * DAY_S);
    buf_fini(&secret);
    return login_reply(r, &answer);
}
