// Signing in and out, and who am I.
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/reply.h"
#include "lib/config.h"
#include "lib/id.h"
#include "lib/jw.h"
#include "lib/password.h"
#include "lib/store_auth.h"

enum { EMAIL_MAX = 320, SECRET_BYTES = 32, DAY_S = 86400 };

// RFC 6265. `secret` empty: the browser forgets it.
static void set_cookie(struct request *r, struct str secret, int64_t seconds)
{
    struct buf cookie = {0};
    bool is_secure = str_starts(str_from(config_text(CONFIG_PUBLIC_URL)), STR("https:"));
    buf_printf(&cookie, "trace_session=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s", (int)secret.n, secret.p,
               (long long)seconds, is_secure ? "; Secure" : "");
    request_header(r, "Set-Cookie", buf_view(&cookie));
    buf_fini(&cookie);
}

// A JSON object around the members of the answer's body. Consumes the answer.
static int reply_object(struct request *r, struct answer *take_answer)
{
    int status = reply_refusal(r, take_answer);
    if (!status) {
        status = take_answer->code;
        jw_open(&r->out, '{');
        buf_str(&r->out, answer_body(take_answer));
        jw_close(&r->out, '}');
    }
    answer_fini(take_answer);
    return status;
}

static int begin(struct request *r, const char *user)
{
    char login[ID_SIZE];
    struct buf secret = {0};
    int64_t days = config_number(CONFIG_LOGIN_DAYS);
    id_new(login, "lgn");
    id_secret(&secret, SECRET_BYTES);
    struct answer answer = store_auth_begin(r->worker->pg, user, login, buf_cstr(&secret), request_keep_i64(r, days));
    if (answer.code == 200)
        set_cookie(r, buf_view(&secret), days * DAY_S);
    buf_fini(&secret);
    return reply_object(r, &answer);
}

static int refuse(struct request *r, const char *email, const char *address)
{
    struct answer answer = store_auth_failed(r->worker->pg, email, address);
    int status = answer.code == 401 ? problem(r, 401, "unauthenticated", "E-mail address or password is wrong.")
                                    : reply_refusal(r, &answer);
    answer_fini(&answer);
    return status;
}

static int too_often(struct request *r, const struct answer *answer)
{
    struct buf seconds = {0};
    buf_i64(&seconds, pg_i64(answer->rows, 0, LOGIN_WAIT));
    request_header(r, "Retry-After", buf_view(&seconds));
    buf_fini(&seconds);
    return problem(r, 429, "too_many_attempts", "Too many failed attempts. Try again in some minutes.");
}

static int login(struct request *r)
{
    struct str email, password;
    int status = body_text(r, r->body, "email", REQUIRED, 1, EMAIL_MAX, &email);
    if (!status)
        status = body_text(r, r->body, "password", REQUIRED, 1, PASSWORD_MOST, &password);
    if (status)
        return status;
    const char *account = request_keep(r, email);
    const char *address = request_keep(r, r->remote_address.p ? r->remote_address : STR("-"));
    struct answer answer = store_auth_find(r->worker->pg, account, address);
    if (answer.code == 429) {
        status = too_often(r, &answer);
        answer_fini(&answer);
        return status;
    }
    if (answer.code != 200)
        return reply_object(r, &answer);
    const char *user = request_keep(r, pg_str(answer.rows, 0, LOGIN_USER));
    const char *hash = request_keep(r, pg_str(answer.rows, 0, LOGIN_HASH));
    answer_fini(&answer);
    return password_verify(hash, password) ? begin(r, user) : refuse(r, account, address);
}

static int logout(struct request *r)
{
    struct answer answer = store_auth_end(r->worker->pg, request_keep(r, r->secret));
    if (answer.rows)
        set_cookie(r, STR(""), 0);
    return reply_send(r, &answer, NULL, false);
}

static int me(struct request *r)
{
    struct caller caller = caller_of(r);
    struct answer answer = store_auth_me(r->worker->pg, &caller);
    return reply_object(r, &answer);
}

const struct route auth_routes[] = {
    {METHOD_POST, "/api/auth/login", WHO_ANYONE, BODY_JSON, login},
    {METHOD_POST, "/api/auth/logout", WHO_PERSON, BODY_NONE, logout},
    {METHOD_GET, "/api/auth/me", WHO_KNOWN, BODY_NONE, me},
    {0},
};
