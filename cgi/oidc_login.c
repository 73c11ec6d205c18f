// SPDX-License-Identifier: Apache-2.0
#include "cgi/oidc_login.h"

#include <stdio.h>
#include <strings.h>
#include "cgi/login.h"
#include "cgi/login_cookie.h"
#include "base/config.h"
#include "base/id.h"

enum { SECRET_BYTES = 32, ATTEMPT_S = 600 };

bool oidc_login_is_on(void)
{
    return config_text(CONFIG_OIDC_ISSUER)[0] != '\0';
}

static int wrong(const char *what)
{
    fprintf(stderr, "%s\n", what);
    return -1;
}

int oidc_login_check(void)
{
    bool has_passwords = config_number(CONFIG_PASSWORDS) != 0;
    if (!oidc_login_is_on())
        return has_passwords ? 0 : wrong("TRACE_PASSWORDS is 0, and TRACE_OIDC_ISSUER is empty: nobody could sign in");
    if (!oidc_provider_is_url(config_text(CONFIG_OIDC_ISSUER)))
        return wrong("TRACE_OIDC_ISSUER must be an address with https, or with http on this machine");
    if (!*config_text(CONFIG_OIDC_CLIENT_ID))
        return wrong("TRACE_OIDC_ISSUER needs TRACE_OIDC_CLIENT_ID");
    if (!*config_text(CONFIG_PUBLIC_URL))
        return wrong("TRACE_OIDC_ISSUER needs TRACE_PUBLIC_URL, to which the provider sends browsers back");
    return 0;
}

void oidc_login_return_address(struct buf *out)
{
    struct str base = str_from(config_text(CONFIG_PUBLIC_URL));
    while (base.n && base.p[base.n - 1] == '/')
        base.n--;
    buf_str(out, base);
    buf_lit(out, "/login/callback");
}

// Over TLS a name that only this host can set (RFC 6265bis).
static const char *cookie_name(void)
{
    return login_is_tls() ? "__Host-trace_oidc" : "trace_oidc";
}

static void set_cookie(struct request *r, struct str value, int seconds)
{
    struct buf cookie = {0};
    buf_printf(&cookie, "%s=%.*s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s", cookie_name(), (int)value.n, value.p,
               seconds, login_is_tls() ? "; Secure" : "");
    request_header(r, "Set-Cookie", buf_view(&cookie));
    buf_fini(&cookie);
}

void oidc_attempt_begin(struct request *r, struct oidc_attempt *attempt)
{
    struct buf value = {0};
    *attempt = (struct oidc_attempt){0};
    id_secret(&attempt->state, SECRET_BYTES);
    id_secret(&attempt->nonce, SECRET_BYTES);
    id_secret(&attempt->verifier, SECRET_BYTES);
    buf_printf(&value, "%s.%s.%s", buf_cstr(&attempt->state), buf_cstr(&attempt->nonce), buf_cstr(&attempt->verifier));
    set_cookie(r, buf_view(&value), ATTEMPT_S);
    buf_fini(&value);
}

int oidc_attempt_resume(struct request *r, struct str cookies, struct str state, struct oidc_attempt *attempt)
{
    struct str value = login_cookie_find(cookies, cookie_name());
    struct str own_state = str_cut(&value, '.'), nonce = str_cut(&value, '.');
    *attempt = (struct oidc_attempt){0};
    oidc_attempt_end(r);
    if (!own_state.n || !nonce.n || !value.n || !str_eq(own_state, state))
        return -1;
    buf_str(&attempt->state, own_state);
    buf_str(&attempt->nonce, nonce);
    buf_str(&attempt->verifier, value);
    return 0;
}

void oidc_attempt_end(struct request *r)
{
    set_cookie(r, STR(""), 0);
}

void oidc_attempt_fini(struct oidc_attempt *attempt)
{
    buf_fini(&attempt->state);
    buf_fini(&attempt->nonce);
    buf_fini(&attempt->verifier);
}

static bool same_domain(struct str a, struct str b)
{
    return a.n == b.n && a.n > 0 && strncasecmp(a.p, b.p, a.n) == 0;
}

const char *oidc_login_workspace(struct request *r, struct str email)
{
    const char *at = memrchr(email.p, '@', email.n);
    struct str rules = str_from(config_text(CONFIG_OIDC_DOMAINS));
    struct str domain = at ? str_skip(email, (size_t)(at - email.p) + 1) : STR_NONE;
    while (rules.n) {
        struct str workspace = str_cut(&rules, ','), named = str_cut(&workspace, '=');
        while (named.n && named.p[0] == ' ')
            named = str_skip(named, 1);
        if (same_domain(named, domain))
            return workspace.n ? request_keep(r, workspace) : "";
    }
    return NULL;
}
