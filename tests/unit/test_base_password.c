// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include <time.h>
#include "base/password.h"

static void verifies_what_was_hashed_and_nothing_else(void **state)
{
    (void)state;
    struct buf hash = {0}, again = {0};
    password_hash(&hash, STR("correct horse"));
    password_hash(&again, STR("correct horse"));
    assert_true(str_starts(buf_view(&hash), STR("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_false(str_eq(buf_view(&hash), buf_view(&again)));
    assert_true(password_verify(buf_cstr(&hash), STR("correct horse")));
    assert_false(password_verify(buf_cstr(&hash), STR("correct horsf")));
    assert_false(password_verify(buf_cstr(&hash), STR("")));
    assert_false(password_verify(buf_cstr(&hash), STR_NONE));
    assert_false(password_verify("!", STR("correct horse")));
    buf_fini(&hash);
    buf_fini(&again);
}

static void refuses_longer_ones_unread(void **state)
{
    (void)state;
    static char long_one[PASSWORD_MOST + 1];
    struct buf hash = {0};
    password_hash(&hash, (struct str){long_one, PASSWORD_MOST});
    assert_true(password_verify(buf_cstr(&hash), (struct str){long_one, PASSWORD_MOST}));
    assert_false(password_verify(buf_cstr(&hash), (struct str){long_one, sizeof long_one}));
    buf_fini(&hash);
}

static int64_t processor_ns(void)
{
    struct timespec used;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

// The best of several runs, in processor time, so that the machine's other programs do not count.
static int64_t best_ns(const char *encoded)
{
    int64_t least_ns = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        int64_t began_ns = processor_ns();
        assert_false(password_verify(encoded, STR("a wrong password")));
        int64_t took_ns = processor_ns() - began_ns;
        least_ns = took_ns < least_ns ? took_ns : least_ns;
    }
    return least_ns;
}

static void takes_as_long_without_an_account(void **state)
{
    (void)state;
    struct buf hash = {0};
    password_hash(&hash, STR("correct horse"));
    int64_t with = best_ns(buf_cstr(&hash)), without = best_ns(NULL);
    assert_true(without > with / 2 && without < with * 2);
    buf_fini(&hash);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifies_what_was_hashed_and_nothing_else),
        cmocka_unit_test(refuses_longer_ones_unread),
        cmocka_unit_test(takes_as_long_without_an_account),
    };
    return cmocka_run_group_tests_name("base password", tests, NULL, NULL);
}
