// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include <time.h>
#include "base/clock.h"

static void prints_known_times(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {999, "1970-01-01T00:00:00.000Z"},
        {1000, "1970-01-01T00:00:00.001Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {INT64_C(951782400000000), "2000-02-29T00:00:00.000Z"},
        {INT64_C(1709164800000000), "2024-02-29T00:00:00.000Z"},
        {INT64_C(4107542399999999), "2100-02-28T23:59:59.999Z"},
        {INT64_C(4107542400000000), "2100-03-01T00:00:00.000Z"},
        {INT64_C(253402300799999999), "9999-12-31T23:59:59.999Z"},
        {INT64_C(-62135596800000000), "0001-01-01T00:00:00.000Z"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf b = {0};
        clock_print(&b, cases[i].us);
        assert_str(buf_view(&b), cases[i].text);
        buf_fini(&b);
    }
}

static void agrees_with_the_c_library_on_every_day_of_400_years(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int64_t day = -146097 / 2; day < 146097 / 2; day++) {
        time_t seconds = (time_t)(day * 86400 + 3661);
        struct tm tm;
        char text[32];
        assert_non_null(gmtime_r(&seconds, &tm));
        assert_true(strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &tm) > 0);
        buf_clear(&b);
        clock_print(&b, (int64_t)seconds * 1000000);
        if (!str_eq(buf_view(&b), str_from(text)))
            assert_str(buf_view(&b), text);
    }
    buf_fini(&b);
}

static void reads_the_times_of_rfc_3339(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-22T08:04:53.123Z", INT64_C(1795334693123000)},
        {"2026-11-22t08:04:53.1234567z", INT64_C(1795334693123456)},
        {"2026-11-22T10:04:53+02:00", INT64_C(1795334693000000)},
        {"2026-11-22T00:04:53-08:00", INT64_C(1795334693000000)},
        {"1969-12-31T23:59:59.5Z", -500000},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800000000)},
        {"2016-12-31T23:59:60Z", INT64_C(1483228799000000)},
        {"0000-03-01T00:00:00Z", INT64_C(-62162035200000000)},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t us = 0;
        if (clock_parse(str_from(good[i].text), &us) || us != good[i].us)
            fail_msg("%s: %lld", good[i].text, (long long)us);
    }
}

static void refuses_times_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026",
        "9999-99-99T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00------",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00Z ",
        "2026-1-01T00:00:00Z",
        "+026-01-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
    };
    int64_t us;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (clock_parse(str_from(bad[i]), &us) == 0)
            fail_msg("%s was read", bad[i]);
}

static void reads_what_it_prints(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int64_t us = INT64_C(-62135596800000000); us < INT64_C(253402300800000000); us += INT64_C(86399123000) * 97) {
        int64_t read = 0;
        buf_clear(&b);
        clock_print(&b, us);
        assert_int_equal(clock_parse(buf_view(&b), &read), 0);
        assert_true(us - read >= 0 && us - read < 1000);
    }
    buf_fini(&b);
}

static void clocks_run(void **state)
{
    (void)state;
    int64_t mono = clock_mono_ns(), wall = clock_wall_us();
    assert_true(clock_mono_ns() >= mono);
    assert_true(wall / 1000000 - (int64_t)time(NULL) <= 1 && (int64_t)time(NULL) - wall / 1000000 <= 1);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_known_times),
        cmocka_unit_test(agrees_with_the_c_library_on_every_day_of_400_years),
        cmocka_unit_test(reads_the_times_of_rfc_3339),
        cmocka_unit_test(refuses_times_that_are_none),
        cmocka_unit_test(reads_what_it_prints),
        cmocka_unit_test(clocks_run),
    };
    return cmocka_run_group_tests_name("base clock", tests, NULL, NULL);
}
