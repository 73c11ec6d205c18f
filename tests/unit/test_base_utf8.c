// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include "base/utf8.h"

static void accepts_well_formed_text(void **state)
{
    (void)state;
    static const char *const good[] = {
        "",
        "plain",
        "\x7f",
        "\xC2\x80",
        "\xDF\xBF",
        "\xE0\xA0\x80",
        "\xED\x9F\xBF",
        "\xEE\x80\x80",
        "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80",
        "\xF4\x8F\xBF\xBF",
        "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\x89z",
    };
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(utf8_valid(str_from(good[i])));
    assert_true(utf8_valid(STR_NONE));
    assert_true(utf8_valid((struct str){"a\0b", 3}));
}

static void refuses_what_is_not(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",             // a following byte alone
        "\xBF",             //
        "\xC0\xAF",         // overlong
        "\xC1\xBF",         //
        "\xE0\x9F\xBF",     //
        "\xF0\x8F\xBF\xBF", //
        "\xED\xA0\x80",     // surrogates
        "\xED\xBF\xBF",     //
        "\xF4\x90\x80\x80", // above U+10FFFF
        "\xF5\x80\x80\x80", //
        "\xFF",             //
        "\xC3",             // cut off
        "\xE2\x82",         //
        "\xF0\x9F\x8E",     //
        "\xC3(",            // no following byte
        "\xE2\x82(",        //
        "\xE2(\xAC",        //
        "\xF0\x9F(\x89",    //
        "\xF0\x9F\x8E(",    //
        "good then \xC0",   //
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (utf8_valid(str_from(bad[i])))
            fail_msg("case %zu", i);
    }
}

// The whole space of two bytes against the definition.
static void agrees_with_the_definition_on_all_pairs(void **state)
{
    (void)state;
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            char text[2] = {(char)a, (char)b};
            bool expected = (a < 0x80 && b < 0x80) || (a >= 0xC2 && a <= 0xDF && b >= 0x80 && b <= 0xBF);
            assert_int_equal(utf8_valid((struct str){text, 2}), expected);
        }
}

static void cuts_between_code_points(void **state)
{
    (void)state;
    struct str text = STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\x89z"); // 1 + 2 + 3 + 4 + 1
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t most = 0; most < COUNT(expected); most++) {
        struct str cut = utf8_prefix(text, most);
        assert_int_equal(cut.n, expected[most]);
        assert_true(utf8_valid(cut));
    }
}

static void counts_code_points(void **state)
{
    (void)state;
    assert_int_equal(utf8_length(STR_NONE), 0);
    assert_int_equal(utf8_length(STR("abc")), 3);
    assert_int_equal(utf8_length(STR("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), 3);
    assert_true(utf8_is_first('a') && utf8_is_first('\xc3') && utf8_is_first('\xf0'));
    assert_false(utf8_is_first('\x9f'));
}

static void cuts_by_characters(void **state)
{
    (void)state;
    struct str text = STR("a\xC3\xA9\xF0\x9F\x8E\x89z");
    static const size_t bytes[] = {0, 1, 3, 7, 8, 8};
    for (size_t count = 0; count < COUNT(bytes); count++)
        assert_int_equal(utf8_first(text, count).n, bytes[count]);
}

static void mends_any_bytes(void **state)
{
    (void)state;
    struct buf out = {0};
    utf8_mend(&out, (struct str){"a\0\xFF\xC3\xA9\xED\xA0\x80\xE2\x82", 10});
    assert_string_equal(buf_cstr(&out),
                        "a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_true(utf8_valid(buf_view(&out)));
    buf_fini(&out);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_by_characters),
        cmocka_unit_test(mends_any_bytes),
        cmocka_unit_test(accepts_well_formed_text),
        cmocka_unit_test(refuses_what_is_not),
        cmocka_unit_test(agrees_with_the_definition_on_all_pairs),
        cmocka_unit_test(cuts_between_code_points),
        cmocka_unit_test(counts_code_points),
    };
    return cmocka_run_group_tests_name("base utf8", tests, NULL, NULL);
}
