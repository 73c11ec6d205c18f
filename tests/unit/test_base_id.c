// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include "base/clock.h"
#include "base/id.h"

static void makes_valid_ids_of_each_prefix(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"ws",  "usr", "per", "str", "msg", "ses", "stp",
                                           "tok", "lgn", "inv", "rat", "shr", "whk"};
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        char id[ID_SIZE];
        id_new(id, prefixes[i]);
        assert_true(id_valid(str_from(id), prefixes[i]));
        assert_false(id_valid(str_from(id), "xyz"));
        assert_true(id_is_ours(str_from(id)));
        assert_int_equal(strlen(id), strlen(prefixes[i]) + 1 + ID_ULID);
    }
}

static void knows_what_has_ids(void **state)
{
    (void)state;
    assert_false(id_is_ours(STR("sk_01ARZ3NDEKTSV4RRFFQ69G5FAV")));
    assert_false(id_is_ours(STR("_01ARZ3NDEKTSV4RRFFQ69G5FAV")));
    assert_false(id_is_ours(STR("msg_")));
    assert_false(id_is_ours(STR_NONE));
}

static void sorts_by_time_and_never_repeats(void **state)
{
    (void)state;
    char before[ID_SIZE], after[ID_SIZE];
    id_new(before, "ses");
    for (int64_t end = clock_mono_ns() + 2000000; clock_mono_ns() < end;)
        ;
    id_new(after, "ses");
    assert_true(memcmp(before, after, 4 + 10) < 0);
    for (int i = 0; i < 1000; i++) {
        id_new(after, "ses");
        assert_string_not_equal(before, after);
        memcpy(before, after, sizeof before);
    }
}

static void says_when_an_id_was_made(void **state)
{
    (void)state;
    assert_int_equal(id_time_ms(STR("ses_01ARZ3NDEKTSV4RRFFQ69G5FAV")), 1469922850259);
    assert_int_equal(id_time_ms(STR("ws_00000000000000000000000000")), 0);
    assert_int_equal(id_time_ms(STR("ses_7ZZZZZZZZZZZZZZZZZZZZZZZZZ")), (INT64_C(1) << 48) - 1);
    char id[ID_SIZE];
    int64_t before = clock_wall_us() / 1000;
    id_new(id, "stp");
    int64_t made = id_time_ms(str_from(id));
    assert_true(before <= made && made <= clock_wall_us() / 1000);
}

static void refuses_every_other_form(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "ses",
        "ses_",
        "ses_01ARZ3NDEKTSV4RRFFQ69G5FA",   // a digit short
        "ses_01ARZ3NDEKTSV4RRFFQ69G5FAVX", // one too many
        "ses_01arz3ndektsv4rrffq69g5fav",  // lower case
        "ses_81ARZ3NDEKTSV4RRFFQ69G5FAV",  // beyond the year 10889
        "ses_01ARZ3NDEKTSV4RRFFQ69G5FAI",  // I, L, O and U are no digits
        "ses_01ARZ3NDEKTSV4RRFFQ69G5FAL",
        "ses_01ARZ3NDEKTSV4RRFFQ69G5FAO",
        "ses_01ARZ3NDEKTSV4RRFFQ69G5FAU",
        "ses-01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "msg_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "ses_01ARZ3NDEKTSV4RRFFQ69G5F/V",
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(id_valid(str_from(bad[i]), "ses"));
    assert_false(id_valid(STR_NONE, "ses"));
    assert_false(id_valid((struct str){"ses_01ARZ3NDEKTSV4RRFFQ69G5F\0V", 30}, "ses"));
    assert_true(id_valid(STR("ses_7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), "ses"));
    assert_true(id_valid(STR("ses_01ARZ3NDEKTSV4RRFFQ69G5FAV"), "ses"));
}

static void secrets_are_url_safe_and_of_the_asked_length(void **state)
{
    (void)state;
    static const struct {
        size_t bytes, characters;
    } cases[] = {{0, 0}, {1, 2}, {2, 3}, {3, 4}, {16, 22}, {32, 43}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf b = {0};
        id_secret(&b, cases[i].bytes);
        assert_int_equal(b.n, cases[i].characters);
        for (size_t at = 0; at < b.n; at++)
            assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", b.p[at]));
        buf_fini(&b);
    }
    struct buf one = {0}, two = {0};
    id_secret(&one, 32);
    id_secret(&two, 32);
    assert_false(str_eq(buf_view(&one), buf_view(&two)));
    buf_fini(&one);
    buf_fini(&two);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_valid_ids_of_each_prefix),
        cmocka_unit_test(knows_what_has_ids),
        cmocka_unit_test(sorts_by_time_and_never_repeats),
        cmocka_unit_test(says_when_an_id_was_made),
        cmocka_unit_test(refuses_every_other_form),
        cmocka_unit_test(secrets_are_url_safe_and_of_the_asked_length),
    };
    return cmocka_run_group_tests_name("base id", tests, NULL, NULL);
}
