// SPDX-License-Identifier: Apache-2.0
// What is asked of the identity provider itself, of oidc_login.h.
#include "cgi/oidc_login.h"

#include "cgi/problem.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/jw.h"
#include "base/log.h"
#include "oidc/fetch.h"
#include "oidc/token.h"
#include "store/oidc.h"

// Metadata and keys are read again when they are older than FRESH_S; if the provider is away then, they serve on. A key
// that is not known is looked for at once, but not more often than every AGAIN_S.
enum { FRESH_S = 3600, AGAIN_S = 10, CODE_S = 6 };

// The provider with the keys that it has published.
struct published {
    struct oidc_provider provider;
    struct buf metadata, keys;
    int64_t age_s;
    int64_t deadline_ns;
};

static void published_fini(struct published *p)
{
    oidc_provider_fini(&p->provider);
    buf_fini(&p->metadata);
    buf_fini(&p->keys);
}

static int unavailable(struct request *r)
{
    request_header(r, "Retry-After", STR("5"));
    return problem(r, 503, "provider_unavailable",
                   "The service that signs people in cannot be reached. Try again soon, or sign in with a password.");
}

static int rejected(struct request *r, const char *what, const char *why)
{
    log_warning("a sign-in by the identity provider was refused: %s %s", what, why);
    return problem(r, 401, "sign_in_rejected", "The answer of the sign-in service was not accepted. Sign in again.");
}

// Reads the metadata in p->metadata, which are of the issuer or nothing.
static int read_metadata(struct published *p)
{
    const char *why;
    if (oidc_provider_read(&p->provider, buf_view(&p->metadata), config_text(CONFIG_OIDC_ISSUER), &why) == 0)
        return 0;
    log_error("the metadata of the identity provider %s %s", config_text(CONFIG_OIDC_ISSUER), why);
    return -1;
}

static int fetch_published(struct published *fresh)
{
    struct buf address = {0};
    bool is_away;
    oidc_provider_address(&address, config_text(CONFIG_OIDC_ISSUER));
    int failed =
        oidc_fetch(&(struct oidc_request){.url = buf_cstr(&address)}, fresh->deadline_ns, &fresh->metadata, &is_away) ||
        read_metadata(fresh) ||
        oidc_fetch(&(struct oidc_request){.url = fresh->provider.jwks}, fresh->deadline_ns, &fresh->keys, &is_away);
    buf_fini(&address);
    return failed ? -1 : 0;
}

// Fetches metadata and keys, and keeps them for everybody. What is there stays if that fails.
static void refresh(struct request *r, struct published *p)
{
    struct published fresh = {.deadline_ns = p->deadline_ns};
    if (fetch_published(&fresh)) {
        published_fini(&fresh);
        return;
    }
    (void)!store_oidc_publish(r->worker->pg, config_text(CONFIG_OIDC_ISSUER), buf_cstr(&fresh.metadata),
                              buf_cstr(&fresh.keys));
    published_fini(p);
    *p = fresh;
}

static int find_published(struct request *r, int64_t deadline_ns, struct published *p)
{
    struct store_oidc_published kept;
    *p = (struct published){.deadline_ns = deadline_ns};
    struct store_answer answer = store_oidc_published(r->worker->pg, config_text(CONFIG_OIDC_ISSUER), &kept);
    bool has_failed = store_has_failed(answer.outcome);
    buf_str(&p->metadata, kept.metadata);
    buf_str(&p->keys, kept.keys);
    p->age_s = kept.age_s;
    store_answer_fini(&answer);
    if (has_failed)
        return problem_database(r);
    if (!p->metadata.n || read_metadata(p) || p->age_s > FRESH_S)
        refresh(r, p);
    return p->provider.metadata ? 0 : unavailable(r);
}

int oidc_login_provider(struct request *r, int64_t deadline_ns, struct oidc_provider *provider)
{
    struct published p;
    int status = find_published(r, deadline_ns, &p);
    *provider = p.provider;
    p.provider = (struct oidc_provider){0};
    published_fini(&p);
    return status;
}

static void add(struct buf *form, const char *name, struct str value)
{
    if (form->n)
        buf_char(form, '&');
    buf_str(form, str_from(name));
    buf_char(form, '=');
    oidc_fetch_encode(form, value);
}

// Exchanges the code (RFC 6749, 4.1.3; RFC 7636, 4.5). 0 and the answer, or the status of a problem.
static int exchange(struct request *r, const struct published *p, struct str code, const struct oidc_attempt *attempt,
                    json_t **tokens)
{
    struct str id = str_from(config_text(CONFIG_OIDC_CLIENT_ID)),
               secret = str_from(config_text(CONFIG_OIDC_CLIENT_SECRET));
    struct buf form = {0}, basic = {0}, address = {0}, body = {0};
    bool is_away = false, has_basic = secret.n && p->provider.takes_basic;
    oidc_login_return_address(&address);
    add(&form, "grant_type", STR("authorization_code"));
    add(&form, "code", code);
    add(&form, "redirect_uri", buf_view(&address));
    add(&form, "code_verifier", buf_view(&attempt->verifier));
    if (has_basic) {
        oidc_fetch_encode(&basic, id);
        buf_char(&basic, ':');
        oidc_fetch_encode(&basic, secret);
    } else {
        add(&form, "client_id", id);
    }
    if (secret.n && !has_basic)
        add(&form, "client_secret", secret);
    const struct oidc_request request = {
        .url = p->provider.token, .form = buf_cstr(&form), .basic = has_basic ? buf_cstr(&basic) : NULL};
    int failed = oidc_fetch(&request, p->deadline_ns, &body, &is_away);
    *tokens = failed ? NULL : json_loadb(body.p ? body.p : "", body.n, 0, NULL);
    explicit_bzero(basic.p, basic.n);
    explicit_bzero(form.p, form.n);
    buf_fini(&form);
    buf_fini(&basic);
    buf_fini(&address);
    buf_fini(&body);
    if (failed)
        return is_away ? unavailable(r) : rejected(r, "the code", "was not taken");
    return 0;
}

static const char *text_of(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

// Some providers tell the address only there. It speaks of the same person, or does not count.
static void add_userinfo(const struct published *p, json_t *tokens, json_t *claims)
{
    const char *bearer = text_of(tokens, "access_token"), *subject = text_of(claims, "sub");
    struct buf body = {0};
    bool is_away;
    if (!p->provider.userinfo || !bearer || text_of(claims, "email"))
        return;
    const struct oidc_request request = {.url = p->provider.userinfo, .bearer = bearer};
    if (oidc_fetch(&request, p->deadline_ns, &body, &is_away) == 0) {
        json_t *more = json_loadb(body.p ? body.p : "", body.n, 0, NULL);
        const char *same = text_of(more, "sub");
        if (same && strcmp(same, subject) == 0)
            (void)json_object_update_missing(claims, more);
        json_decref(more);
    }
    buf_fini(&body);
}

static int check(struct request *r, struct published *p, const char *token, const struct oidc_attempt *attempt,
                 json_t **claims)
{
    struct buf nonce = {0};
    buf_str(&nonce, buf_view(&attempt->nonce));
    const struct oidc_expected expected = {.issuer = config_text(CONFIG_OIDC_ISSUER),
                                           .client_id = config_text(CONFIG_OIDC_CLIENT_ID),
                                           .nonce = buf_cstr(&nonce),
                                           .now_s = clock_wall_us() / 1000000};
    const char *why;
    enum oidc_verdict verdict = oidc_token_check(str_from(token), buf_view(&p->keys), &expected, claims, &why);
    if (verdict == OIDC_UNKNOWN_KEY && p->age_s >= AGAIN_S) {
        refresh(r, p);
        verdict = oidc_token_check(str_from(token), buf_view(&p->keys), &expected, claims, &why);
    }
    buf_fini(&nonce);
    return verdict == OIDC_VALID ? 0 : rejected(r, "the ID token", why);
}

int oidc_login_redeem(struct request *r, struct str code, const struct oidc_attempt *attempt, json_t **claims,
                      struct oidc_person *person)
{
    struct published p;
    json_t *tokens = NULL;
    *claims = NULL;
    int status = find_published(r, clock_mono_ns() + CODE_S * INT64_C(1000000000), &p);
    if (!status)
        status = exchange(r, &p, code, attempt, &tokens);
    if (!status && !text_of(tokens, "id_token"))
        status = rejected(r, "the answer", "has no ID token");
    if (!status)
        status = check(r, &p, text_of(tokens, "id_token"), attempt, claims);
    if (!status) {
        add_userinfo(&p, tokens, *claims);
        *person = (struct oidc_person){str_from(text_of(*claims, "sub")), str_from(text_of(*claims, "email")),
                                       str_from(text_of(*claims, "name"))};
        if (!json_is_true(json_object_get(*claims, "email_verified")))
            person->email = STR_NONE;
    }
    json_decref(tokens);
    published_fini(&p);
    return status;
}
