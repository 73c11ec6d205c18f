// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include "store/pg_outage.h"

#define S INT64_C(1000000000)

static void an_outage_is_logged_at_its_beginning_and_every_minute(void **state)
{
    (void)state;
    struct pg_outage outage = {0};
    int lines = 0;
    for (int64_t at_s = 1; at_s <= 181; at_s++)
        lines += pg_outage_noticed(&outage, at_s * S);
    assert_int_equal(lines, 4);
    int64_t lasted_ns = 0;
    assert_true(pg_outage_ended(&outage, 182 * S, &lasted_ns));
    assert_true(lasted_ns == 181 * S);
}

static void a_database_that_comes_and_goes_is_logged_once_a_minute(void **state)
{
    (void)state;
    struct pg_outage outage = {0};
    int lines = 0, backs = 0;
    int64_t lasted_ns = 0;
    for (int64_t at_s = 1; at_s < 121; at_s += 2) {
        lines += pg_outage_noticed(&outage, at_s * S);
        backs += pg_outage_ended(&outage, (at_s + 1) * S, &lasted_ns);
        assert_true(lasted_ns == S);
    }
    assert_int_equal(lines, 2);
    assert_int_equal(backs, 2);
}

static void a_second_outage_within_the_minute_is_logged_if_it_outlasts_it(void **state)
{
    (void)state;
    struct pg_outage outage = {0};
    int64_t lasted_ns = 0;
    assert_true(pg_outage_noticed(&outage, 1 * S));
    assert_true(pg_outage_ended(&outage, 2 * S, &lasted_ns));
    assert_false(pg_outage_noticed(&outage, 3 * S));
    assert_false(pg_outage_noticed(&outage, 60 * S));
    assert_true(pg_outage_noticed(&outage, 61 * S));
    assert_true(pg_outage_ended(&outage, 62 * S, &lasted_ns));
    assert_true(lasted_ns == 59 * S);
}

static void a_first_connection_is_no_news(void **state)
{
    (void)state;
    struct pg_outage outage = {0};
    int64_t lasted_ns = 1;
    assert_false(pg_outage_ended(&outage, 1 * S, &lasted_ns));
    assert_true(lasted_ns == 0);
}

static void a_muted_outage_is_never_logged(void **state)
{
    (void)state;
    struct pg_outage outage = {.is_muted = true};
    int64_t lasted_ns;
    assert_false(pg_outage_noticed(&outage, 1 * S));
    assert_false(pg_outage_ended(&outage, 3 * S, &lasted_ns));
    assert_true(lasted_ns == 2 * S);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outage_is_logged_at_its_beginning_and_every_minute),
        cmocka_unit_test(a_database_that_comes_and_goes_is_logged_once_a_minute),
        cmocka_unit_test(a_second_outage_within_the_minute_is_logged_if_it_outlasts_it),
        cmocka_unit_test(a_first_connection_is_no_news),
        cmocka_unit_test(a_muted_outage_is_never_logged),
    };
    return cmocka_run_group_tests_name("store pg_outage", tests, NULL, NULL);
}
