// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include "admin/commands/when.h"

// 2026-11-22T08:30:00Z
static const int64_t now = INT64_C(1795336200000000);

static void prints_times_of_past_days(void **state)
{
    (void)state;
    static const struct {
        int64_t day;
        const char *time, *printed;
    } cases[] = {{0, "00:00", "2026-11-22T00:00:00.000Z"},
                 {-1, "23:59", "2026-11-21T23:59:00.000Z"},
                 {-22, "9:05", "2026-10-31T09:05:00.000Z"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf b = {0};
        assert_int_equal(when_print(&b, now, cases[i].day, str_from(cases[i].time)), 0);
        assert_str(buf_view(&b), cases[i].printed);
        buf_fini(&b);
    }
}

static void refuses_what_is_no_time(void **state)
{
    (void)state;
    static const struct {
        int64_t day;
        const char *time;
    } cases[] = {{1, "00:00"}, {0, "24:00"},    {0, "12:60"}, {0, "12"},
                 {0, ""},      {0, "12:00:00"}, {0, ":"},     {-36501, "00:00"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf b = {0};
        assert_int_equal(when_print(&b, now, cases[i].day, str_from(cases[i].time)), -1);
        assert_int_equal(b.n, 0);
    }
}

static void replaces_days_and_leaves_other_braces(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expanded;
    } cases[] = {
        {"", ""},
        {"on {day+9}.", "on 2026-12-01."},
        {"{day-22}{day+0}", "2026-10-312026-11-22"},
        {"{day}", "{day}"},
        {"{day+}", "{day+}"},
        {"{day+9", "{day+9"},
        {"{day+x}", "{day+x}"},
        {"{day+36501}", "{day+36501}"},
        {"{ {day+1}", "{ 2026-11-23"},
        {"é {day+1} €", "é 2026-11-23 €"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf b = {0};
        when_expand(&b, now, str_from(cases[i].text));
        assert_str(buf_view(&b), cases[i].expanded);
        buf_fini(&b);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_times_of_past_days),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(replaces_days_and_leaves_other_braces),
    };
    return cmocka_run_group_tests_name("admin when", tests, NULL, NULL);
}
