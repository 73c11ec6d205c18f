// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/cgi.h"

#include "cgi/body.h"
#include "cgi/slice.h"
#include "cgi/sources.h"

static void finds_members_as_they_were_written(void **state)
{
    (void)state;
    struct str object =
        STR(" { \"a\" : \"x\\\"},{\" , \"content\":\n{ \"z\" : 1.10, \"a\":[1, {\"content\":2}] } , \"last\": -3e2}");
    struct buf out = {0};
    slice_compact(&out, slice_member(object, STR("content")));
    assert_str(buf_view(&out), "{\"z\":1.10,\"a\":[1,{\"content\":2}]}");
    assert_str(slice_member(object, STR("a")), "\"x\\\"},{\"");
    assert_str(slice_member(object, STR("last")), "-3e2");
    assert_null(slice_member(object, STR("z")).p);
    assert_null(slice_member(STR("{}"), STR("z")).p);
    buf_fini(&out);
}

static void sees_excess_before_parsing(void **state)
{
    (void)state;
    assert_false(slice_is_excessive(STR("[[1,2],\"[[[[[,,,,,\"]"), 2, 2));
    assert_true(slice_is_excessive(STR("[[[1]]]"), 2, 2));
    assert_true(slice_is_excessive(STR("[1,2,3,4]"), 2, 2));
    assert_false(slice_is_excessive(STR("\"unfinished"), 2, 2));
}

static void refuses_what_is_no_object(void **state)
{
    (void)state;
    static const char *const bodies[] = {"[]",
                                         "1",
                                         "\"x\"",
                                         "{",
                                         "{\"a\":1,}",
                                         "{\"a\":1}{",
                                         "{\"a\":1,\"a\":2}",
                                         "{\"a\":\"\\u0000\"}",
                                         "{\"a\":\"\xff\"}",
                                         "{\"a\":\"\\ud800\"}",
                                         "{\"a\":1e999}",
                                         "nul"};
    struct request r = {0};
    json_t *object;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(body_parse(&r, str_from(bodies[i]), &object), 400);
        assert_null(object);
        assert_holds(&r.out, "\"code\":\"invalid_body\"");
    }
    assert_int_equal(body_parse(&r, STR("{\"a\":1\0}"), &object), 400);
    assert_int_equal(body_parse(&r, STR("{\"a\":{\"b\":1.5\0,\"c\":2}}"), &object), 400);
    request_fini(&r);
}

static void says_what_is_wrong_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *body, *detail, *field;
        int offset_most;
    } cases[] = {
        {"{\"stepType\":\"x\",\"content\":{\"v\":1e400}}", "number", "content", 36},
        {"{\"a\":1,\"b\":[1e400]}", "number", "b", 19},
        {"{\"a\":\"\xff\"}", "UTF-8", "a", 8},
        {"{\"a\":\"\\u0000\"}", "NUL", "a", 14},
        {"{\"a\":1,\"a\":2}", "twice", NULL, 15},
        {"{\"a\":{\"b\":1", "not finished", "a", 11},
        {"{\"a\":1}{", "follows", NULL, 9},
        {"{\"a\":\"\\ud800\"}", "surrogate", "a", 15},
        {"[1]", "must be a JSON object", NULL, 0},
        {"7", "must be a JSON object", NULL, 1},
        {"{\"a\":nul}", "not JSON", "a", 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request r = {0};
        json_t *object;
        assert_int_equal(body_parse(&r, str_from(cases[i].body), &object), 400);
        json_t *problem = json_loadb(r.out.p, r.out.n, 0, NULL);
        assert_non_null(problem);
        const char *field = json_string_value(json_object_get(problem, "field"));
        assert_non_null(strstr(json_string_value(json_object_get(problem, "detail")), cases[i].detail));
        if (cases[i].field)
            assert_string_equal(field ? field : "", cases[i].field);
        assert_in_range(json_integer_value(json_object_get(problem, "offset")), 0, cases[i].offset_most);
        json_decref(problem);
        request_fini(&r);
    }
}

static void takes_an_absent_body_as_empty(void **state)
{
    (void)state;
    struct request r = {0};
    assert_int_equal(body_parse(&r, STR(" \n"), &r.body), 0);
    assert_int_equal(json_object_size(r.body), 0);
    request_fini(&r);
}

static void keeps_numbers_of_any_size_in_content(void **state)
{
    (void)state;
    struct request r = {0};
    struct str printed;
    int64_t length, n = 0;
    assert_int_equal(body_parse(&r,
                                STR("{\"content\":{\"id\":123456789012345678901234567890},\"n\":5,\"m\":5.5,"
                                    "\"big\":123456789012345678901234567890}"),
                                &r.body),
                     0);
    assert_int_equal(body_content(&r, r.body, "content", 99, &printed, &length), 0);
    assert_str(printed, "{\"id\":123456789012345678901234567890}");
    assert_int_equal(body_i64(&r, r.body, "n", REQUIRED, 0, 9, &n), 0);
    assert_int_equal(n, 5);
    assert_int_equal(body_i64(&r, r.body, "m", REQUIRED, 0, 9, &n), 400);
    assert_int_equal(body_i64(&r, r.body, "big", REQUIRED, 0, INT64_MAX, &n), 400);
    request_fini(&r);
}

static void reads_fields_or_names_them(void **state)
{
    (void)state;
    struct request r = {0};
    struct str text;
    int64_t n = 7;
    bool flag = false;
    assert_int_equal(
        body_parse(&r,
                   STR("{\"s\":\"abc\",\"n\":5,\"b\":true,\"null\":null,\"id\":\"ses_01ARZ3NDEKTSV4RRFFQ69G5FAV\"}"),
                   &r.body),
        0);
    assert_int_equal(body_text(&r, r.body, "s", REQUIRED, 1, 3, &text), 0);
    assert_str(text, "abc");
    assert_int_equal(body_text(&r, r.body, "null", OPTIONAL, 1, 3, &text), 0);
    assert_null(text.p);
    assert_int_equal(body_i64(&r, r.body, "n", REQUIRED, 0, 5, &n), 0);
    assert_int_equal(n, 5);
    assert_int_equal(body_bool(&r, r.body, "b", &flag), 0);
    assert_true(flag);
    assert_int_equal(body_id(&r, r.body, "id", "ses", REQUIRED, &text), 0);

    assert_int_equal(body_text(&r, r.body, "missing", REQUIRED, 0, 3, &text), 400);
    assert_holds(&r.out, "\"field\":\"missing\"");
    assert_int_equal(body_text(&r, r.body, "s", REQUIRED, 4, 9, &text), 400);
    assert_int_equal(body_text(&r, r.body, "s", REQUIRED, 0, 2, &text), 400);
    assert_int_equal(body_text(&r, r.body, "n", OPTIONAL, 0, 9, &text), 400);
    assert_int_equal(body_i64(&r, r.body, "s", OPTIONAL, 0, 9, &n), 400);
    assert_int_equal(body_i64(&r, r.body, "n", OPTIONAL, 0, 4, &n), 400);
    assert_int_equal(body_bool(&r, r.body, "n", &flag), 400);
    assert_int_equal(body_id(&r, r.body, "id", "stp", REQUIRED, &text), 400);
    request_fini(&r);
}

static void prints_content_canonically(void **state)
{
    (void)state;
    struct request r = {0};
    struct str printed;
    int64_t length;
    assert_int_equal(body_parse(&r, STR("{\"content\":\"\\u00e9\\n\\/\"}"), &r.body), 0);
    assert_int_equal(body_content(&r, r.body, "content", 4, &printed, &length), 0);
    assert_str(printed, "\"\xc3\xa9\\n/\"");
    assert_int_equal(length, 4);
    assert_int_equal(body_content(&r, r.body, "content", 3, &printed, &length), 400);
    json_decref(r.body);
    assert_int_equal(body_parse(&r, STR("{\"cont\\u0065nt\": {\"a\" : 1}}"), &r.body), 0);
    assert_int_equal(body_content(&r, r.body, "content", 99, &printed, &length), 0);
    assert_str(printed, "{\"a\":1}");
    json_decref(r.body);
    assert_int_equal(body_parse(&r, STR("{\"content\":[1]}"), &r.body), 0);
    assert_int_equal(body_content(&r, r.body, "content", 99, &printed, &length), 400);
    request_fini(&r);
}

static void checks_urls(void **state)
{
    (void)state;
    static const char *const good[] = {"http://a", "https://example.com/x?y=1#z", "HTTPS://[::1]:80/",
                                       "https://\xc3\xa9.example/"};
    static const char *const bad[] = {"",           "ftp://a",        "javascript:alert(1)", "http://",
                                      "https:///x", "http://a b",     "http://a\"",          "http://a\n",
                                      "//a",        "data:text/html", "http://?q",           " http://a"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(sources_is_url(str_from(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(sources_is_url(str_from(bad[i])));
}

static void reads_sources(void **state)
{
    (void)state;
    struct request r = {0};
    struct str printed, keys;
    assert_int_equal(body_parse(&r,
                                STR("{\"sources\":[{\"type\":\"web\",\"title\":\"T\",\"url\":\"https://"
                                    "u@www.example.com:8/x\",\"other\":1},"
                                    "{\"type\":\"document\",\"title\":\"a\\\"b\"}]}"),
                                &r.body),
                     0);
    assert_int_equal(sources_read(&r, r.body, "sources", &printed, &keys), 0);
    assert_str(
        printed,
        "[{\"type\":\"web\",\"title\":\"T\",\"url\":\"https://u@www.example.com:8/x\",\"domain\":\"example.com\"},"
        "{\"type\":\"document\",\"title\":\"a\\\"b\"}]");
    assert_str(keys, "{\"https://u@www.example.com:8/x\",\"a\\\"b\"}");
    assert_int_equal(sources_read(&r, r.body, "none", &printed, &keys), 0);
    assert_null(printed.p);
    request_fini(&r);
}

static void refuses_bad_sources(void **state)
{
    (void)state;
    static const char *const bodies[] = {"{\"s\":1}",
                                         "{\"s\":[1]}",
                                         "{\"s\":[{\"title\":\"x\"}]}",
                                         "{\"s\":[{\"type\":\"web\"}]}",
                                         "{\"s\":[{\"type\":\"book\",\"title\":\"x\"}]}",
                                         "{\"s\":[{\"type\":\"web\",\"title\":\"x\",\"url\":\"javascript:1\"}]}",
                                         "{\"s\":[{\"type\":\"web\",\"title\":\"x\",\"timestamp\":\"now\"}]}",
                                         "{\"s\":[{\"type\":\"message\",\"title\":\"x\",\"messageId\":\"m\"}]}"};
    struct str printed;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct request r = {0};
        assert_int_equal(body_parse(&r, str_from(bodies[i]), &r.body), 0);
        assert_int_equal(sources_read(&r, r.body, "s", &printed, NULL), 400);
        assert_holds(&r.out, "invalid_body");
        request_fini(&r);
    }
    struct request r = {.body = json_object()};
    json_t *many = json_array();
    for (int i = 0; i <= SOURCES_MAX; i++)
        json_array_append_new(many, json_pack("{ssss}", "type", "web", "title", "x"));
    json_object_set_new(r.body, "s", many);
    assert_int_equal(sources_read(&r, r.body, "s", &printed, NULL), 400);
    request_fini(&r);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_members_as_they_were_written),
        cmocka_unit_test(sees_excess_before_parsing),
        cmocka_unit_test(refuses_what_is_no_object),
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(takes_an_absent_body_as_empty),
        cmocka_unit_test(keeps_numbers_of_any_size_in_content),
        cmocka_unit_test(reads_fields_or_names_them),
        cmocka_unit_test(prints_content_canonically),
        cmocka_unit_test(checks_urls),
        cmocka_unit_test(reads_sources),
        cmocka_unit_test(refuses_bad_sources),
    };
    return cmocka_run_group_tests_name("cgi body", tests, NULL, NULL);
}
