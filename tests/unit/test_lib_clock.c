#include "tests/unit/lib.h"

#include <time.h>
#include "lib/clock.h"

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
        cmocka_unit_test(clocks_run),
    };
    return cmocka_run_group_tests_name("lib clock", tests, NULL, NULL);
}
