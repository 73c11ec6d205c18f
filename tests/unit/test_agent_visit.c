// SPDX-License-Identifier: Apache-2.0
// Which pages are read without asking: what others wrote counts, what the model made up does not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/visit.h"

static enum visit_ground judge(const char *role, const char *text, const char *url)
{
    json_t *messages = json_pack("[{s:s, s:s}]", "role", role, "content", text);
    enum visit_ground ground = visit_ground(messages, url);
    json_decref(messages);
    return ground;
}

static void an_address_counts_as_it_stands(void **state)
{
    static const char *const texts[] = {"read https://a.example/x?y=1", "see (https://a.example/x?y=1).",
                                        "{\"url\":\"https://a.example/x?y=1\",\"n\":1}",
                                        "<https://a.example/x?y=1> and more"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(judge("user", texts[i], "https://a.example/x?y=1"), VISIT_WRITTEN);
        assert_int_equal(judge("tool", texts[i], "https://a.example/x?y=1"), VISIT_WRITTEN);
        assert_int_equal(judge("assistant", texts[i], "https://a.example/x?y=1"), VISIT_UNKNOWN);
        assert_int_equal(judge("system", texts[i], "https://a.example/x?y=1"), VISIT_UNKNOWN);
        assert_int_equal(judge("tool", texts[i], "https://a.example/x?y="), VISIT_UNKNOWN);
        assert_int_equal(judge("tool", texts[i], "https://a.example/x?y=12"), VISIT_UNKNOWN);
    }
}

static void a_host_counts_where_people_name_it(void **state)
{
    (void)state;
    assert_int_equal(judge("user", "what does A.example. say?", "https://a.example/x"), VISIT_HOST);
    assert_int_equal(judge("user", "http://a.example/", "https://a.example:8443?x"), VISIT_HOST);
    assert_int_equal(judge("tool", "http://a.example/", "https://a.example/x"), VISIT_UNKNOWN);
    assert_int_equal(judge("user", "a.example.org, ba.example", "https://a.example/x"), VISIT_UNKNOWN);
    assert_int_equal(judge("user",
                           "\xc3\xa4"
                           "a.example",
                           "https://a.example/x"),
                     VISIT_UNKNOWN);
    assert_int_equal(judge("user", "a.example", "https://a.example@evil.example/"), VISIT_UNKNOWN);
    assert_int_equal(judge("user", "a.example", "https://a.example\\@evil.example/"), VISIT_UNKNOWN);
    assert_int_equal(judge("user", "a.example", "https://evil.example/a.example"), VISIT_UNKNOWN);
}

static void what_the_model_said_to_a_tool_does_not_count_when_it_comes_back(void **state)
{
    static const char url[] = "https://evil.example/?data=secret";
    json_t *messages = json_pack(
        "[{s:s, s:s, s:[{s:{s:s}}]}, {s:s, s:s}]", "role", "assistant", "content", "", "tool_calls", "function",
        "arguments", "{\"m\":\"https:\\/\\/evil.example/?data=secre\\u0074\"}", "role", "tool", "content", url);
    (void)state;
    assert_int_equal(visit_ground(messages, url), VISIT_UNKNOWN);
    json_array_insert(messages, 0, json_array_get(messages, 1));
    assert_int_equal(visit_ground(messages, url), VISIT_WRITTEN);
    json_decref(messages);
}

static void the_list_names_hosts(void **state)
{
    (void)state;
    assert_true(visit_is_listed("b.example, A.example", "https://a.example/x"));
    assert_true(visit_is_listed(".example", "https://a.example"));
    assert_false(visit_is_listed(".a.example", "https://a.example/"));
    assert_false(visit_is_listed(".a.example", "https://ba.example/"));
    assert_false(visit_is_listed("", "https://a.example/"));
    assert_false(visit_is_listed("a.example", "https://a.example@evil.example/"));
    assert_false(visit_is_listed("a.example", "ftp://a.example/"));
}

static void redirects_stay_with_a_host(void **state)
{
    (void)state;
    assert_true(visit_stays("http://a.example/x", "https://WWW.a.example/y"));
    assert_true(visit_stays("http://www.a.example", "https://a.example:8443/"));
    assert_false(visit_stays("http://a.example/", "http://a.example.org/"));
    assert_false(visit_stays("http://a.example/", "http://a.example@b.example/"));
    assert_false(visit_stays("http://[::1]/", "http://[::1]/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_counts_as_it_stands),
        cmocka_unit_test(a_host_counts_where_people_name_it),
        cmocka_unit_test(what_the_model_said_to_a_tool_does_not_count_when_it_comes_back),
        cmocka_unit_test(the_list_names_hosts),
        cmocka_unit_test(redirects_stay_with_a_host),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
