// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include "base/jw.h"

static void puts_commas_where_they_belong(void **state)
{
    (void)state;
    struct buf b = {0};
    jw_open(&b, '{');
    jw_member(&b, "a", STR("x"));
    jw_key(&b, "list");
    jw_open(&b, '[');
    jw_i64(&b, 1);
    jw_bool(&b, true);
    jw_bool(&b, false);
    jw_string(&b, STR(""));
    jw_open(&b, '{');
    jw_close(&b, '}');
    jw_open(&b, '[');
    jw_close(&b, ']');
    jw_raw(&b, STR("{\"k\":2}"));
    jw_close(&b, ']');
    jw_member_i64(&b, "n", -3);
    jw_member_bool(&b, "t", true);
    jw_member_raw(&b, "r", STR("[1,2]"));
    jw_close(&b, '}');
    assert_str(buf_view(&b),
               "{\"a\":\"x\",\"list\":[1,true,false,\"\",{},[],{\"k\":2}],\"n\":-3,\"t\":true,\"r\":[1,2]}");
    buf_fini(&b);
}

static void leaves_absent_members_out(void **state)
{
    (void)state;
    struct buf b = {0};
    jw_open(&b, '{');
    jw_member(&b, "absent", STR_NONE);
    jw_member_raw(&b, "absent", STR_NONE);
    jw_member(&b, "empty", STR(""));
    jw_close(&b, '}');
    assert_str(buf_view(&b), "{\"empty\":\"\"}");
    buf_fini(&b);
}

static void begins_anew_after_a_line_end_or_space(void **state)
{
    (void)state;
    struct buf b = {0};
    jw_i64(&b, 1);
    buf_char(&b, '\n');
    jw_i64(&b, 2);
    buf_lit(&b, "\ndata: ");
    jw_open(&b, '{');
    jw_close(&b, '}');
    assert_str(buf_view(&b), "1\n2\ndata: {}");
    buf_fini(&b);
}

static void escapes_what_json_requires(void **state)
{
    (void)state;
    struct buf b = {0};
    jw_string(&b, STR("\"\\/\b\f\n\r\t\x01\x1f\x7f"));
    assert_str(buf_view(&b), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
    buf_clear(&b);
    jw_escape(&b, STR("Zoë \xF0\x9F\x8E\x89"));
    assert_str(buf_view(&b), "Zoë \xF0\x9F\x8E\x89");
    buf_clear(&b);
    jw_escape(&b, (struct str){"a\0b", 3});
    assert_str(buf_view(&b), "a\\u0000b");
    buf_clear(&b);
    jw_escape(&b, STR_NONE);
    assert_int_equal(b.n, 0);
    buf_fini(&b);
}

// Every byte below 0x80 comes back from a reader as it was.
static void writes_each_control_character_in_its_shortest_form(void **state)
{
    (void)state;
    for (int c = 0; c < 0x20; c++) {
        struct buf b = {0};
        char byte = (char)c;
        jw_escape(&b, (struct str){&byte, 1});
        assert_int_equal(b.p[0], '\\');
        assert_true(b.n == (strchr("\b\t\n\f\r", c) && c ? 2 : 6));
        buf_fini(&b);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_commas_where_they_belong),
        cmocka_unit_test(leaves_absent_members_out),
        cmocka_unit_test(begins_anew_after_a_line_end_or_space),
        cmocka_unit_test(escapes_what_json_requires),
        cmocka_unit_test(writes_each_control_character_in_its_shortest_form),
    };
    return cmocka_run_group_tests_name("base jw", tests, NULL, NULL);
}
