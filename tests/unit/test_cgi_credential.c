// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include "cgi/credential.h"

static void finds_the_token_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *authorization, *api_key, *token;
    } cases[] = {
        {"Bearer atk_abc", NULL, "atk_abc"},
        {"bearer   atk_abc", NULL, "atk_abc"},
        {"atk_abc", NULL, "atk_abc"},
        {NULL, "atk_abc", "atk_abc"},
        {"Bearer atk_abc", "atk_other", "atk_abc"},
        {"Basic cGstbGYteDphdGtfYWJj", NULL, "atk_abc"},   // pk-lf-x:atk_abc
        {"basic OmF0a19hYmM=", NULL, "atk_abc"},           // :atk_abc
        {"Basic dXNlcjpwYXNzOndvcmQ=", NULL, "pass:word"}, // user:pass:word
        {"Basic dXNlcg==", NULL, ""},                      // user
        {"Basic !!!", NULL, ""},
        {NULL, NULL, ""},
        {"", "", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf token = {0};
        credential_foreign(&token, str_from(cases[i].authorization), str_from(cases[i].api_key));
        assert_str(buf_view(&token), cases[i].token);
        buf_fini(&token);
    }
}

static void knows_what_may_be_a_secret(void **state)
{
    (void)state;
    assert_true(credential_is_secret(STR("atk_aZ09-_")));
    assert_false(credential_is_secret(STR("")));
    assert_false(credential_is_secret(STR_NONE));
    assert_false(credential_is_secret(STR("a b")));
    assert_false(credential_is_secret(STR("a\0b")));
    assert_false(credential_is_secret(STR("pass:word")));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_token_in_every_form),
        cmocka_unit_test(knows_what_may_be_a_secret),
    };
    return cmocka_run_group_tests_name("cgi credential", tests, NULL, NULL);
}
