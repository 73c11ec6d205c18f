// SPDX-License-Identifier: Apache-2.0
// What a provider publishes of itself, and its tokens as far as they need no signature; whole sign-ins are in
// tests/integration/oidc.test.mjs.
#include "oidc/provider.h"
#include "oidc/token.h"
#include "tests/unit/base.h"

#define ENDPOINTS                                                                                                      \
    "\"authorization_endpoint\":\"https://i.example/a\",\"token_endpoint\":\"https://i.example/t\","                   \
    "\"jwks_uri\":\"https://i.example/k\""

static void addresses_need_tls_or_this_machine(void **state)
{
    (void)state;
    static const char *const good[] = {"https://i.example", "https://i.example:8443/x?y", "http://127.0.0.1:1/",
                                       "http://localhost", "http://[::1]:80/x"};
    static const char *const bad[] = {"",
                                      "http://i.example",
                                      "http://127.0.0.1.example/",
                                      "ftp://x",
                                      "https://",
                                      "http://localhost.evil",
                                      "https://a@b/",
                                      "https://a b",
                                      "//i.example",
                                      "http://127.0.0.1@evil/",
                                      "file:///etc/passwd"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!oidc_provider_is_url(good[i]))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (oidc_provider_is_url(bad[i]))
            fail_msg("%s", bad[i]);
}

static void metadata_are_of_their_issuer_and_whole(void **state)
{
    (void)state;
    struct oidc_provider provider;
    const char *why;
    assert_int_equal(oidc_provider_read(&provider, STR("{\"issuer\":\"https://i.example\"," ENDPOINTS "}"),
                                        "https://i.example", &why),
                     0);
    assert_string_equal(provider.token, "https://i.example/t");
    assert_true(provider.takes_basic);
    assert_null(provider.userinfo);
    oidc_provider_fini(&provider);
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"issuer\":\"https://i.example\"}",
        "{\"issuer\":\"https://other.example\"," ENDPOINTS "}",
        ("{\"issuer\":\"https://i.example\",\"authorization_endpoint\":\"http://i.example/a\",\"token_endpoint\":"
         "\"https://i.example/t\",\"jwks_uri\":\"https://i.example/k\"}")};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(oidc_provider_read(&provider, str_from(bad[i]), "https://i.example", &why), -1);
        assert_non_null(why);
    }
    struct buf address = {0};
    oidc_provider_address(&address, "https://i.example/realm/");
    assert_string_equal(buf_cstr(&address), "https://i.example/realm/.well-known/openid-configuration");
    buf_fini(&address);
}

// RFC 7636, appendix B.
static void the_challenge_is_that_of_the_rfc(void **state)
{
    (void)state;
    struct buf out = {0};
    oidc_token_challenge(&out, STR("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    assert_string_equal(buf_cstr(&out), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    buf_fini(&out);
}

// {"alg":"none"}, {"alg":"HS256"} and {"alg":"RS256","kid":"k"}, each with {"sub":"a"}.
static void what_is_not_signed_by_a_known_key_is_not_valid(void **state)
{
    (void)state;
    static const struct {
        const char *token;
        enum oidc_verdict verdict;
    } cases[] = {
        {"", OIDC_INVALID},
        {"a.b", OIDC_INVALID},
        {"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", OIDC_INVALID},
        {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.AAAA", OIDC_INVALID},
        {"eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJzdWIiOiJhIn0.AAAA", OIDC_UNKNOWN_KEY},
    };
    static const char *const sets[] = {"", "[]", "{}", "{\"keys\":1}",
                                       "{\"keys\":[1,{},{\"kty\":\"oct\",\"kid\":\"k\"}]}"};
    const struct oidc_expected expected = {"https://i.example", "client", "nonce", 0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t j = 0; j < sizeof sets / sizeof sets[0]; j++) {
            json_t *claims;
            const char *why = NULL;
            assert_int_equal(oidc_token_check(str_from(cases[i].token), str_from(sets[j]), &expected, &claims, &why),
                             cases[i].verdict);
            assert_null(claims);
            assert_non_null(why);
        }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_need_tls_or_this_machine),
        cmocka_unit_test(metadata_are_of_their_issuer_and_whole),
        cmocka_unit_test(the_challenge_is_that_of_the_rfc),
        cmocka_unit_test(what_is_not_signed_by_a_known_key_is_not_valid),
    };
    return cmocka_run_group_tests_name("oidc token", tests, NULL, NULL);
}
