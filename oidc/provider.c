// SPDX-License-Identifier: Apache-2.0
#include "oidc/provider.h"

// What follows the scheme, up to the path or the port.
static struct str host_of(struct str url, struct str scheme)
{
    struct str host = str_skip(url, scheme.n);
    size_t n = 0;
    if (host.n && host.p[0] == '[')
        while (n < host.n && host.p[n] != ']')
            n++;
    while (n < host.n && !strchr(":/?#", host.p[n]))
        n++;
    host.n = n;
    return host;
}

bool oidc_provider_is_url(const char *url)
{
    struct str text = str_from(url);
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] <= 0x20 || text.p[i] == 0x7f || text.p[i] == '@')
            return false;
    if (str_starts(text, STR("https://")))
        return host_of(text, STR("https://")).n > 0;
    if (!str_starts(text, STR("http://")))
        return false;
    struct str host = host_of(text, STR("http://"));
    return str_eq(host, STR("127.0.0.1")) || str_eq(host, STR("localhost")) || str_eq(host, STR("[::1]"));
}

void oidc_provider_address(struct buf *out, const char *issuer)
{
    struct str base = str_from(issuer);
    while (base.n && base.p[base.n - 1] == '/')
        base.n--;
    buf_str(out, base);
    buf_lit(out, "/.well-known/openid-configuration");
}

static const char *url_of(json_t *metadata, const char *name)
{
    const char *url = json_string_value(json_object_get(metadata, name));
    return url && oidc_provider_is_url(url) ? url : NULL;
}

// Without the list it is HTTP authentication.
static bool lists(json_t *metadata, const char *name, const char *wanted, bool otherwise)
{
    json_t *list = json_object_get(metadata, name), *one;
    size_t i;
    if (!json_is_array(list))
        return otherwise;
    json_array_foreach(list, i,
                       one) if (json_is_string(one) && strcmp(json_string_value(one), wanted) == 0) return true;
    return false;
}

int oidc_provider_read(struct oidc_provider *provider, struct str metadata, const char *issuer, const char **why)
{
    *provider = (struct oidc_provider){.metadata = json_loadb(metadata.p ? metadata.p : "", metadata.n, 0, NULL)};
    json_t *read = provider->metadata;
    provider->issuer = json_string_value(json_object_get(read, "issuer"));
    provider->authorization = url_of(read, "authorization_endpoint");
    provider->token = url_of(read, "token_endpoint");
    provider->jwks = url_of(read, "jwks_uri");
    provider->userinfo = url_of(read, "userinfo_endpoint");
    provider->takes_basic = lists(read, "token_endpoint_auth_methods_supported", "client_secret_basic", true);
    *why = !json_is_object(read)                                        ? "is no JSON object"
           : !provider->issuer || strcmp(provider->issuer, issuer) != 0 ? "is of another issuer"
           : !provider->authorization ? "has no authorization_endpoint that can be used"
           : !provider->token         ? "has no token_endpoint that can be used"
           : !provider->jwks          ? "has no jwks_uri that can be used"
                                      : NULL;
    if (!*why)
        return 0;
    oidc_provider_fini(provider);
    return -1;
}

void oidc_provider_fini(struct oidc_provider *provider)
{
    json_decref(provider->metadata);
    *provider = (struct oidc_provider){0};
}
