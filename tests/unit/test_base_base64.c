// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"
#include "tests/unit/base.h"

// RFC 4648, section 10.
static const char *const pairs[][2] = {{"", ""},
                                       {"f", "Zg=="},
                                       {"fo", "Zm8="},
                                       {"foo", "Zm9v"},
                                       {"foob", "Zm9vYg=="},
                                       {"fooba", "Zm9vYmE="},
                                       {"foobar", "Zm9vYmFy"}};

static void the_examples_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct buf there = {0}, back = {0};
        base64_encode(&there, str_from(pairs[i][0]));
        assert_string_equal(buf_cstr(&there), pairs[i][1]);
        assert_int_equal(base64_decode(&back, str_from(pairs[i][1])), 0);
        assert_string_equal(buf_cstr(&back), pairs[i][0]);
        buf_fini(&there);
        buf_fini(&back);
    }
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"Z", "Zg=", "Z===", "Zg==Zg==", "Z=g=", "Zm-v", "Zm9v\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buf back = {0};
        assert_int_equal(base64_decode(&back, str_from(bad[i])), -1);
        buf_fini(&back);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_standard),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
