// SPDX-License-Identifier: Apache-2.0
// How ingest/ reads what comes: values, frames, forms, times.
#include "tests/unit/base.h"

#include "ingest/multipart.h"
#include "ingest/scan.h"
#include "ingest/value.h"
#include "ingest/walk.h"
#include "ingest/when.h"

static void reads_what_clients_write_and_no_parser_takes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *printed; // NULL: refused
        int64_t replaced;
    } cases[] = {
        {"{\"a\":[1,true,null,\"x\"]}", "{\"a\":[1,true,null,\"x\"]}", 0},
        {"[1.10,-0,1e400,12345678901234567890123]", "[1.10,-0,1e400,12345678901234567890123]", 0},
        {"[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]", 0},
        {"[NaN,Infinity,-Infinity]", "[null,null,null]", 3},
        {"[01,1.e5,1.,-]", "[\"01\",\"1.e5\",\"1.\",\"-\"]", 4},
        {"\"a\\ud83d b\"", "\"a\xEF\xBF\xBD b\"", 1},
        {"\"\\ude00\\ud83d\\ud83d\\ude00\"", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xF0\x9F\x98\x80\"", 2},
        {"\"a\\u0000b\"",
         "\"a\xEF\xBF\xBD"
         "b\"",
         1},
        {"\"\xED\xA0\x80\"", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"", 3},
        {"\"\\x\"", "\"\\\\x\"", 1},
        {"{\"a\":1,\"a\":2}", "{\"a\":2}", 0},
        {"[1,2", NULL, 0},
        {"[1]]", NULL, 0},
        {"[1] 2", NULL, 0},
        {"'x'", NULL, 0},
        {"/* \" */ 1", NULL, 0},
        {"tRue", NULL, 0},
        {"", NULL, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t replaced = 0;
        struct buf out = {0};
        struct json_object *value = value_read(str_from(cases[i].text), &replaced);
        if (!cases[i].printed) {
            assert_null(value);
            continue;
        }
        value_print(&out, value, NULL, NULL);
        assert_str(buf_view(&out), cases[i].printed);
        assert_int_equal(replaced, cases[i].replaced);
        buf_fini(&out);
        value_free(value);
    }
}

static void bounds_the_tree_of_a_value(void **state)
{
    (void)state;
    int64_t replaced = 0;
    struct buf deep = {0}, wide = {0};
    for (int i = 0; i < 129; i++)
        buf_char(&deep, '[');
    for (int i = 0; i < 129; i++)
        buf_char(&deep, ']');
    assert_null(value_read(buf_view(&deep), &replaced));
    struct json_object *fits = value_read((struct str){deep.p + 1, deep.n - 2}, &replaced);
    assert_non_null(fits);
    value_free(fits);
    // A hundred kilobytes that would be thirty megabytes.
    buf_char(&wide, '[');
    for (int i = 0; i < 33000; i++)
        buf_lit(&wide, "{},");
    buf_lit(&wide, "0]");
    assert_null(value_read(buf_view(&wide), &replaced));
    buf_fini(&deep);
    buf_fini(&wide);
}

static void walks_what_is_whole_of_a_broken_frame(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int members;
        bool is_broken;
    } cases[] = {
        {"[]", 0, false},
        {"{}", 0, false},
        {" [ 1 , {\"]\":\"}\"} ] ", 2, false},
        {"{\"a\":1,\"b\":[2]}", 2, false},
        {"[1,2", 2, true},
        {"[1 2]", 1, true},
        {"[1,\"x", 1, true},
        {"{\"a\" 1}", 0, true},
        {"{\"a\":1,b:2}", 1, true},
        {"[\"\\\"]\",2]", 2, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct scan s;
        struct str key, value;
        int members = 0;
        assert_true(scan_open(&s, str_from(cases[i].text)));
        while (scan_next(&s, &key, &value))
            members++;
        assert_int_equal(members, cases[i].members);
        assert_int_equal(s.is_broken, cases[i].is_broken);
    }
    assert_str(scan_member(STR("{\"a\":1,\"b\":{\"c\":2}}"), "b"), "{\"c\":2}");
    assert_null(scan_member(STR("{\"a\":1}"), "b").p);
}

static void walks_the_fields_of_a_message(void **state)
{
    (void)state;
    // 1: "a", 2: varint 300, 3: fixed32, 4: fixed64, 5: "bc"
    static const char bytes[] = "\x0a\x01"
                                "a\x10\xac\x02\x1d\x01\x02\x03\x04\x21\x01\x02\x03\x04\x05\x06\x07\x08\x2a\x02"
                                "bc";
    struct walk w = {.rest = {bytes, sizeof bytes - 1}};
    uint32_t number;
    struct str text;
    assert_true(walk_next(&w, &number, &text));
    assert_int_equal(number, 1);
    assert_str(text, "a");
    assert_true(walk_next(&w, &number, &text));
    assert_int_equal(number, 5);
    assert_str(text, "bc");
    assert_false(walk_next(&w, &number, &text));
    assert_false(w.is_broken);
    static const struct str broken[] = {{"\x0a\x05"
                                         "a",
                                         3},
                                        {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12},
                                        {"\x0b", 1},
                                        {"\x00", 1},
                                        {"\x0d\x01", 2}};
    for (size_t i = 0; i < COUNT(broken); i++) {
        w = (struct walk){.rest = broken[i]};
        assert_false(walk_next(&w, &number, &text));
        assert_true(w.is_broken);
    }
}

static void splits_forms(void **state)
{
    (void)state;
    struct multipart m;
    struct multipart_part part;
    static const char body[] = "--B\r\nContent-Disposition: form-data; name=\"post.1; x\"\r\ncontent-type: "
                               "application/json; length=2\r\n\r\n{}\r\n--B\r\nContent-Disposition: form-data; "
                               "filename=\"name=no\"; name=two\r\n\r\n\r\n--B--\r\n";
    assert_true(multipart_open(&m, STR("multipart/form-data; boundary=\"B\""), str_from(body)));
    assert_true(multipart_next(&m, &part));
    assert_str(part.name, "post.1; x");
    assert_str(part.type, "application/json; length=2");
    assert_str(part.content, "{}");
    assert_true(multipart_next(&m, &part));
    assert_str(part.name, "two");
    assert_str(part.content, "");
    assert_false(multipart_next(&m, &part));
    assert_false(m.is_broken);

    assert_false(multipart_open(&m, STR("multipart/form-data"), str_from(body)));
    assert_false(multipart_open(&m, STR("application/json; boundary=B"), str_from(body)));
    assert_false(multipart_open(&m, STR("multipart/form-data; boundary=C"), str_from(body)));
    assert_true(multipart_open(&m, STR("multipart/form-data; boundary=B"), (struct str){body, 100}));
    assert_false(multipart_next(&m, &part));
    assert_true(m.is_broken);
}

static void reads_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-28T18:36:03.716001Z", 1795890963716001},
        {"2026-11-28t18:36:03.7160019z", 1795890963716001},
        {"2026-11-28T19:36:03.716+01:00", 1795890963716000},
        {"2026-11-28T18:36:03", 1795890963000000},
        {"2024-02-29T00:00:00Z", 1709164800000000},
        {"2026-02-29T00:00:00Z", 0},
        {"2026-02-30T00:00:00Z", 0},
        {"2026-11-28T25:00:00Z", 0},
        {"9999-99-99T00:00:00Z", 0},
        {"2026-11-28T18:36:03Zx", 0},
        {"2016-12-31T23:59:60Z", 1483228799000000},
        {"", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(when_text(str_from(cases[i].text)), cases[i].us);
    int64_t replaced = 0;
    struct json_object *ms = value_read(STR("1795890964028"), &replaced), *far = value_read(STR("1e300"), &replaced);
    assert_int_equal(when_value(ms), 1795890964028000);
    assert_int_equal(when_value(far), 0);
    value_free(ms);
    value_free(far);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_clients_write_and_no_parser_takes),
        cmocka_unit_test(bounds_the_tree_of_a_value),
        cmocka_unit_test(walks_what_is_whole_of_a_broken_frame),
        cmocka_unit_test(walks_the_fields_of_a_message),
        cmocka_unit_test(splits_forms),
        cmocka_unit_test(reads_times),
    };
    return cmocka_run_group_tests_name("ingest reading", tests, NULL, NULL);
}
