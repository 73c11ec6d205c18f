#include "tests/unit/lib.h"

#include "lib/clock.h"
#include "lib/password.h"

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

// The best of several runs: what other programs of the machine take does not count.
static int64_t best_ns(const char *encoded)
{
    int64_t best = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        int64_t began = clock_mono_ns();
        assert_false(password_verify(encoded, STR("a wrong password")));
        int64_t took = clock_mono_ns() - began;
        best = took < best ? took : best;
    }
    return best;
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
    return cmocka_run_group_tests_name("lib password", tests, NULL, NULL);
}
