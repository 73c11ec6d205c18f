// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include <stdlib.h>

static void cuts_at_the_separator(void **state)
{
    (void)state;
    struct str rest = STR("a,,bc");
    assert_str(str_cut(&rest, ','), "a");
    assert_str(str_cut(&rest, ','), "");
    assert_str(str_cut(&rest, ','), "bc");
    assert_null(rest.p);
    assert_null(str_cut(&rest, ',').p);
    rest = STR("");
    assert_str(str_cut(&rest, ','), "");
    assert_null(rest.p);
    rest = STR(",");
    assert_str(str_cut(&rest, ','), "");
    assert_non_null(rest.p);
    assert_int_equal(rest.n, 0);
}

static void compares_by_bytes(void **state)
{
    (void)state;
    assert_true(str_eq(STR_NONE, STR("")));
    assert_true(str_eq(STR("a\0b"), STR("a\0b")));
    assert_false(str_eq(STR("a\0b"), STR("a\0c")));
    assert_false(str_eq(STR("a"), STR("ab")));
    assert_true(str_starts(STR("room:x"), STR("room:")));
    assert_true(str_starts(STR("x"), STR("")));
    assert_false(str_starts(STR("room"), STR("room:")));
    assert_null(str_from(NULL).p);
}

static void reads_whole_numbers_only(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0}, {"007", 7}, {"9223372036854775807", INT64_MAX}};
    static const char *const bad[] = {
        "", "-1", "+1", " 1", "1 ", "1.0", "0x10", "9223372036854775808", "99999999999999999999", "1a", "a1"};
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t value = -1;
        assert_int_equal(str_to_i64(str_from(good[i].text), &value), 0);
        assert_true(value == good[i].value);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t value = 42;
        assert_int_equal(str_to_i64(str_from(bad[i]), &value), -1);
        assert_int_equal(value, 42);
    }
}

static void grows_and_keeps_what_was_there(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int i = 0; i < 10000; i++)
        buf_char(&b, (char)('a' + i % 26));
    assert_int_equal(b.n, 10000);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(b.p[i], 'a' + i % 26);
    size_t cap = b.cap;
    buf_clear(&b);
    assert_int_equal(b.n, 0);
    buf_bytes(&b, NULL, 0);
    buf_str(&b, STR_NONE);
    assert_int_equal(b.n, 0);
    assert_int_equal(b.cap, cap);
    buf_fini(&b);
    assert_null(b.p);
    buf_fini(&b);
}

static void prints_numbers(void **state)
{
    (void)state;
    struct buf b = {0};
    static const int64_t numbers[] = {0, -1, 10, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        buf_i64(&b, numbers[i]);
        buf_char(&b, ' ');
    }
    assert_str(buf_view(&b), "0 -1 10 9223372036854775807 -9223372036854775808 ");
    buf_fini(&b);
}

static void formats_behind_what_is_there(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_lit(&b, "a=");
    buf_printf(&b, "%d,%s", 7, "x");
    assert_string_equal(buf_cstr(&b), "a=7,x");
    assert_int_equal(b.n, 5);
    buf_printf(&b, "%0500d", 1);
    assert_int_equal(b.n, 505);
    assert_int_equal(b.p[504], '1');
    buf_fini(&b);
}

static void terminates_without_counting(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_string_equal(buf_cstr(&b), "");
    assert_int_equal(b.n, 0);
    while (b.n < b.cap)
        buf_char(&b, 'x');
    assert_int_equal(strlen(buf_cstr(&b)), b.n);
    buf_fini(&b);
}

static void allocates_even_nothing(void **state)
{
    (void)state;
    char *p = mem_alloc(0);
    assert_non_null(p);
    p = mem_grow(p, 0);
    assert_non_null(p);
    free(p);
    char *zero = mem_zero(16);
    for (int at = 0; at < 16; at++)
        assert_int_equal(zero[at], 0);
    free(zero);
    zero = mem_zero(0);
    assert_non_null(zero);
    free(zero);
    char *copy = mem_dup(STR("ab"));
    assert_string_equal(copy, "ab");
    free(copy);
    copy = mem_dup(STR_NONE);
    assert_string_equal(copy, "");
    free(copy);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_at_the_separator),
        cmocka_unit_test(compares_by_bytes),
        cmocka_unit_test(reads_whole_numbers_only),
        cmocka_unit_test(grows_and_keeps_what_was_there),
        cmocka_unit_test(prints_numbers),
        cmocka_unit_test(formats_behind_what_is_there),
        cmocka_unit_test(terminates_without_counting),
        cmocka_unit_test(allocates_even_nothing),
    };
    return cmocka_run_group_tests_name("base buf", tests, NULL, NULL);
}
