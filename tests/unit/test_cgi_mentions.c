// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/cgi.h"

#include "cgi/mentions.h"

static void check(const char *content, const char *expected)
{
    struct buf literal = {0};
    mentions_print(&literal, str_from(content));
    assert_string_equal(buf_cstr(&literal), expected);
    buf_fini(&literal);
}

static void finds_slugs_where_a_word_may_begin(void **state)
{
    (void)state;
    check("", "{}");
    check("@ada", "{ada}");
    check("Hi @Ada, and (@bob-2)!", "{ada,bob-2}");
    check("@ada @bob @ADA", "{ada,bob}");
    check("@ada-", "{ada}");
    check("@-", "{}");
    check("@ @@ @. @", "{}");
    check("ada@example.com x.@ada /@ada _@ada @@ada", "{}");
    check("\xc3\xa9@ada", "{}");
    check("\"@ada\"", "{ada}");
    check("@ada\xc3\xa9 @ada_x", "{}");
    check("\xf0\x9f\x91\x8b@ada", "{ada}");
    check("\xe3\x80\x8c@ada\xe3\x80\x8d", "{ada}");
    check("\xe2\x80\x8b@ada", "{ada}");
    check("\xe4\xbd\xa0\xe5\xa5\xbd@ada", "{ada}");
    check("\xc2\xab@ada\xc2\xbb", "{ada}");
}

static void leaves_code_alone(void **state)
{
    (void)state;
    check("`@ada` @bob", "{bob}");
    check("``a ` @ada`` @bob", "{bob}");
    check("` @ada", "{ada}");
    check("```\n@ada\n``` @bob", "{bob}");
    check("```\n@ada", "{}");
    check("text\n````\n@ada\n```\n@bob", "{}");
    check("text ``` @ada", "{ada}");
}

static void is_bounded(void **state)
{
    (void)state;
    struct buf content = {0}, literal = {0};
    for (int i = 0; i < 2 * MENTIONS_MAX; i++)
        buf_printf(&content, "@user%d ", i);
    mentions_print(&literal, buf_view(&content));
    int commas = 0;
    for (size_t i = 0; i < literal.n; i++)
        commas += literal.p[i] == ',';
    assert_int_equal(commas, MENTIONS_MAX - 1);

    // Runs of every length, none closed: time must not grow with their number.
    buf_clear(&content);
    for (int i = 1; i < 1400; i++) {
        for (int n = 0; n < i; n++)
            buf_char(&content, '`');
        buf_char(&content, 'x');
    }
    buf_clear(&literal);
    mentions_print(&literal, buf_view(&content));
    assert_string_equal(buf_cstr(&literal), "{}");
    buf_fini(&content);
    buf_fini(&literal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_slugs_where_a_word_may_begin),
        cmocka_unit_test(leaves_code_alone),
        cmocka_unit_test(is_bounded),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
