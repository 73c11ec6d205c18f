// SPDX-License-Identifier: Apache-2.0
// JSON as one line: what is escaped, where it may be cut, and its members.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/json_line.h"

static void says(struct str got, const char *wanted)
{
    assert_int_equal(got.n, strlen(wanted));
    assert_memory_equal(got.p, wanted, got.n);
}

static void prints(const char *json, const char *wanted)
{
    char line[128];
    size_t n = json_line_length(str_from(json));
    assert_true(n <= sizeof line);
    assert_ptr_equal(json_line_print(line, str_from(json)), line + n);
    says((struct str){line, n}, wanted);
}

static void separators_of_lines_are_escaped(void **state)
{
    (void)state;
    prints("", "");
    prints("{\"a\":\n1}\r\n", "{\"a\": 1}  ");
    prints("\xE2\x80\xA8x\xE2\x80\xA9\xC2\x85", "\\u2028x\\u2029\\u0085");
    // Their neighbours are as they were, and so is what is cut off.
    prints("\xC2\x84\xC2\x86\xE2\x80\xA7\xE2\x80\xAA\xE2\x81\xA8\xC3\x85",
           "\xC2\x84\xC2\x86\xE2\x80\xA7\xE2\x80\xAA\xE2\x81\xA8\xC3\x85");
    prints("\xE2\x80", "\xE2\x80");
    prints("\xC2", "\xC2");
}

static void a_character_is_never_cut(void **state)
{
    (void)state;
    static const struct {
        const char *inside;
        size_t printed;
        int64_t text;
    } chars[] = {
        {"a", 1, 1},
        {"\xC3\xA9", 2, 2},
        {"\xE2\x82\xAC", 3, 3},
        {"\xF0\x9F\x8E\x89", 4, 4},
        {"\\n", 2, 1},
        {"\\\"", 2, 1},
        {"\\u0001", 6, 1},
        {"\\u00e9", 6, 2},
        {"\\u20AC", 6, 3},
        {"\\ud83c\\udf89", 12, 4},
    };
    for (size_t i = 0; i < sizeof chars / sizeof chars[0]; i++) {
        int64_t text = -1;
        struct str at = str_from(chars[i].inside);
        assert_int_equal(json_line_char(at, &text), chars[i].printed);
        assert_int_equal(text, chars[i].text);
        assert_int_equal(json_line_prefix(at, chars[i].printed - 1, &text), 0);
        assert_int_equal(text, 0);
        assert_int_equal(json_line_prefix(at, chars[i].printed, &text), chars[i].printed);
        assert_int_equal(text, chars[i].text);
        if (chars[i].printed > 1)
            assert_int_equal(json_line_char((struct str){at.p, at.n - 1}, &text), 0);
    }
    int64_t text;
    // A separator takes six bytes of the line.
    assert_int_equal(json_line_prefix(STR("ab\xC2\x85"
                                          "c"),
                                      7, &text),
                     2);
    assert_int_equal(json_line_prefix(STR("ab\xC2\x85"
                                          "c"),
                                      8, &text),
                     4);
    assert_int_equal(text, 4);
    assert_int_equal(json_line_prefix(STR("ab\\"), 2, &text), 2);
    assert_int_equal(json_line_prefix(STR("ab\\"), 3, &text), 3);
}

static void values_and_members_are_found(void **state)
{
    (void)state;
    static const char *const values[] = {
        "1", "-1.5e3", "true", "null", "\"\"", "{}", "[]", "\"a\\\"]},\"", "[1,{\"a\":\"}\"}]"};
    static const char *const ends[] = {"", ",", "}", "]", " ", "\n"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        for (size_t j = 0; j < sizeof ends / sizeof ends[0]; j++) {
            struct buf b = {0};
            buf_str(&b, str_from(values[i]));
            buf_str(&b, str_from(ends[j]));
            assert_int_equal(json_line_value(buf_view(&b)), strlen(values[i]));
            buf_fini(&b);
        }
    struct str object = STR("{ \"a\" : {\"b\":1} ,\"b\":[2, 3],\n\"cc\":\"x\"}");
    says(json_line_member(object, STR("a")), "{\"b\":1}");
    says(json_line_member(object, STR("b")), "[2, 3]");
    says(json_line_member(object, STR("cc")), "\"x\"");
    assert_null(json_line_member(object, STR("c")).p);
    assert_null(json_line_member(object, STR("x")).p);
    assert_null(json_line_member(STR("[1]"), STR("a")).p);
    assert_null(json_line_member(STR("{}"), STR("a")).p);
    assert_null(json_line_member(STR_NONE, STR("a")).p);
}

static void what_is_cut_off_stays_in_its_bounds(void **state)
{
    (void)state;
    struct str whole = STR("{\"a\":[1,\"\\\"x\",{\"b\":\"\\\\\"}],\"c\":\"\\ud83c\\udf89\"}");
    for (size_t n = 0; n < whole.n; n++) {
        struct buf part = {0};
        int64_t text;
        buf_bytes(&part, whole.p, n);
        struct str view = buf_view(&part);
        assert_true(json_line_value(view) <= n);
        assert_true(json_line_prefix(view, n, &text) <= n);
        struct str found = json_line_member(view, STR("c"));
        assert_true(!found.p || found.p + found.n <= view.p + n);
        buf_fini(&part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separators_of_lines_are_escaped),
        cmocka_unit_test(a_character_is_never_cut),
        cmocka_unit_test(values_and_members_are_found),
        cmocka_unit_test(what_is_cut_off_stays_in_its_bounds),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
