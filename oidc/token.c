// SPDX-License-Identifier: Apache-2.0
#include "oidc/token.h"

#include <cjose/cjose.h>
#include <openssl/evp.h>
#include <stdlib.h>

enum { TOKEN_MAX = 64 * 1024, SHA256_BYTES = 32 };

// Signatures by public keys alone: never "none", and never a shared secret, for which the public key could be taken.
static const struct algorithm {
    const char *name, *key, *curve;
} algorithms[] = {
    {"RS256", "RSA", NULL},   {"RS384", "RSA", NULL},   {"RS512", "RSA", NULL},
    {"PS256", "RSA", NULL},   {"PS384", "RSA", NULL},   {"PS512", "RSA", NULL},
    {"ES256", "EC", "P-256"}, {"ES384", "EC", "P-384"}, {"ES512", "EC", "P-521"},
};

static const struct algorithm *algorithm_named(const char *name)
{
    for (size_t i = 0; name && i < sizeof algorithms / sizeof algorithms[0]; i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    return NULL;
}

// A member that is absent fits everything.
static bool fits(json_t *key, const char *member, const char *wanted)
{
    const char *value = json_string_value(json_object_get(key, member));
    return !value || !wanted || strcmp(value, wanted) == 0;
}

static bool is_key_for(json_t *key, const struct algorithm *algorithm, const char *kid)
{
    json_t *own = json_object_get(key, "kid");
    bool is_named = !kid || (json_is_string(own) && strcmp(json_string_value(own), kid) == 0);
    return is_named && json_is_string(json_object_get(key, "kty")) && fits(key, "kty", algorithm->key) &&
           fits(key, "use", "sig") && fits(key, "alg", algorithm->name) && fits(key, "crv", algorithm->curve);
}

static bool is_signed_with(cjose_jws_t *jws, json_t *key)
{
    cjose_err error;
    char *printed = json_dumps(key, JSON_COMPACT);
    cjose_jwk_t *jwk = printed ? cjose_jwk_import(printed, strlen(printed), &error) : NULL;
    bool is_right = jwk && cjose_jws_verify(jws, jwk, &error);
    cjose_jwk_release(jwk);
    free(printed);
    return is_right;
}

static enum oidc_verdict check_signature(cjose_jws_t *jws, struct str keys, const char **why)
{
    cjose_err error;
    cjose_header_t *header = cjose_jws_get_protected(jws);
    const struct algorithm *algorithm = algorithm_named(cjose_header_get(header, CJOSE_HDR_ALG, &error));
    const char *kid = cjose_header_get(header, CJOSE_HDR_KID, &error);
    json_t *set = json_loadb(keys.p ? keys.p : "", keys.n, 0, NULL), *key;
    size_t i, found = 0;
    bool is_right = false;
    *why = "is signed in a way that is not taken";
    if (!algorithm) {
        json_decref(set);
        return OIDC_INVALID;
    }
    json_array_foreach(json_object_get(set, "keys"), i, key)
    {
        if (is_right || !is_key_for(key, algorithm, kid))
            continue;
        found++;
        is_right = is_signed_with(jws, key);
    }
    json_decref(set);
    *why = found ? "has a wrong signature" : "is signed with an unknown key";
    return is_right ? OIDC_VALID : found ? OIDC_INVALID : OIDC_UNKNOWN_KEY;
}

static bool says(json_t *claims, const char *name, const char *wanted)
{
    const char *value = json_string_value(json_object_get(claims, name));
    return value && strcmp(value, wanted) == 0;
}

// Several audiences need an authorised party, which is us.
static bool is_for(json_t *claims, const char *client_id)
{
    json_t *audience = json_object_get(claims, "aud"), *one;
    bool is_named = says(claims, "aud", client_id);
    size_t i;
    json_array_foreach(audience, i, one) is_named =
        is_named || (json_is_string(one) && strcmp(json_string_value(one), client_id) == 0);
    bool is_shared = json_array_size(audience) > 1;
    bool has_party = json_object_get(claims, "azp") != NULL;
    return is_named && (is_shared || has_party ? says(claims, "azp", client_id) : true);
}

// NULL: the time is absent.
static bool is_before(json_t *claims, const char *name, int64_t bound_s)
{
    json_t *time = json_object_get(claims, name);
    return json_is_number(time) && json_number_value(time) <= (double)bound_s;
}

static const char *why_not(json_t *claims, const struct oidc_expected *expected)
{
    const int64_t early = expected->now_s - OIDC_SKEW_S, late = expected->now_s + OIDC_SKEW_S;
    const char *subject = json_string_value(json_object_get(claims, "sub"));
    if (!json_is_object(claims))
        return "has no claims";
    if (!says(claims, "iss", expected->issuer))
        return "is of another issuer";
    if (!is_for(claims, expected->client_id))
        return "is for somebody else";
    if (!json_is_number(json_object_get(claims, "exp")) || is_before(claims, "exp", early))
        return "has expired";
    if (!is_before(claims, "iat", late))
        return "was issued in the future";
    if (json_object_get(claims, "nbf") && !is_before(claims, "nbf", late))
        return "is not valid yet";
    if (!says(claims, "nonce", expected->nonce))
        return "answers another request";
    // At most 255 characters (Core 1.0, 2).
    return subject && *subject && strlen(subject) <= 255 ? NULL : "names nobody";
}

enum oidc_verdict oidc_token_check(struct str token, struct str keys, const struct oidc_expected *expected,
                                   json_t **claims, const char **why)
{
    cjose_err error;
    uint8_t *payload = NULL;
    size_t n = 0;
    *claims = NULL;
    *why = "is no signed token";
    cjose_jws_t *jws = token.n && token.n <= TOKEN_MAX ? cjose_jws_import(token.p, token.n, &error) : NULL;
    if (!jws)
        return OIDC_INVALID;
    enum oidc_verdict verdict = check_signature(jws, keys, why);
    if (verdict == OIDC_VALID) {
        *why = "has no claims";
        if (cjose_jws_get_plaintext(jws, &payload, &n, &error))
            *claims = json_loadb((const char *)payload, n, JSON_REJECT_DUPLICATES, NULL);
        *why = why_not(*claims, expected);
        verdict = *why ? OIDC_INVALID : OIDC_VALID;
    }
    cjose_jws_release(jws);
    if (verdict != OIDC_VALID) {
        json_decref(*claims);
        *claims = NULL;
    }
    return verdict;
}

void oidc_token_challenge(struct buf *out, struct str verifier)
{
    uint8_t digest[SHA256_BYTES];
    cjose_err error;
    char *encoded = NULL;
    size_t n = 0;
    if (!EVP_Digest(verifier.p, verifier.n, digest, NULL, EVP_sha256(), NULL) ||
        !cjose_base64url_encode(digest, sizeof digest, &encoded, &n, &error))
        abort();
    buf_bytes(out, encoded, n);
    free(encoded);
}
