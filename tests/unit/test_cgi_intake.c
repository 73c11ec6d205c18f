// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/cgi.h"

#include "cgi/intake.h"
#include "cgi/login_cookie.h"

static int head(struct request *r, const struct fake_variable *variables)
{
    static struct fake_exchange x;
    x = (struct fake_exchange){{&fake_ops}, variables, NULL};
    return intake_head(r, &x.exchange, false);
}

static void reads_method_path_and_query(void **state)
{
    (void)state;
    struct request r = {0};
    assert_int_equal(head(&r, (const struct fake_variable[]){{"REQUEST_METHOD", "PATCH"},
                                                             {"REQUEST_URI", "/api/%77s?q=a+b%2Bc&&x&q=2&y=%C3%A9"},
                                                             {"REMOTE_ADDR", "127.0.0.1"},
                                                             {0}}),
                     0);
    assert_int_equal(r.method, METHOD_PATCH);
    assert_str(r.path, "/api/ws");
    assert_int_equal(r.queries, 4);
    assert_str(request_query(&r, "q"), "a b+c");
    assert_str(request_query(&r, "x"), "");
    assert_str(request_query(&r, "y"), "\xc3\xa9");
    assert_null(request_query(&r, "z").p);
    assert_str(request_query_last(&r, "q"), "2");
    assert_null(request_query_last(&r, "z").p);
    assert_null(r.secret.p);
    request_fini(&r);
}

static void refuses_bad_escapes(void **state)
{
    (void)state;
    static const char *const queries[] = {"/?a=%", "/?a=%4", "/?a=%zz", "/?a=%00", "/?%ff=1", "/?a=%ED%A0%80"};
    static const char *const paths[] = {"/%", "/%00", "/%ff"};
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct request r = {0};
        assert_int_equal(
            head(&r, (const struct fake_variable[]){{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", queries[i]}, {0}}), 400);
        assert_holds(&r.out, "invalid_query");
        request_fini(&r);
    }
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct request r = {0};
        assert_int_equal(
            head(&r, (const struct fake_variable[]){{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", paths[i]}, {0}}), 404);
        request_fini(&r);
    }
}

static void bounds_the_query(void **state)
{
    (void)state;
    struct buf uri = {0};
    buf_lit(&uri, "/?");
    for (int i = 0; i <= REQUEST_QUERY_MAX; i++)
        buf_lit(&uri, "a=1&");
    struct request r = {0};
    assert_int_equal(
        head(&r, (const struct fake_variable[]){{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", buf_cstr(&uri)}, {0}}), 400);
    request_fini(&r);
    buf_fini(&uri);
}

static void finds_the_credential(void **state)
{
    (void)state;
    static const struct {
        const char *authorization, *cookie, *secret;
        bool is_program;
    } cases[] = {
        {"Bearer atk_1-x", NULL, "atk_1-x", true},
        {"bearer atk_1", "trace_login=c", "atk_1", true},
        {"Basic YTpi", "trace_login=c", NULL, true},
        {"Bearer ", NULL, NULL, true},
        {"Bearer a b", NULL, NULL, true},
        {"Bearer a'b", NULL, NULL, true},
        {NULL, "a=b; trace_login=c_-1; d=e", "c_-1", false},
        {NULL, "xtrace_login=c", NULL, false},
        {NULL, "trace_session=o; trace_login=n", "n", false},
        {NULL, "trace_session=o", "o", false},
        {NULL, "trace_login=", NULL, false},
        {NULL, NULL, NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request r = {0};
        assert_int_equal(head(&r, (const struct fake_variable[]){{"REQUEST_METHOD", "GET"},
                                                                 {"REQUEST_URI", "/"},
                                                                 {"HTTP_AUTHORIZATION", cases[i].authorization},
                                                                 {"HTTP_COOKIE", cases[i].cookie},
                                                                 {0}}),
                         0);
        assert_int_equal(r.is_program, cases[i].is_program);
        assert_true(cases[i].secret ? str_eq(r.secret, str_from(cases[i].secret)) : r.secret.p == NULL);
        request_fini(&r);
    }
}

static void reads_the_login_cookie_of_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *cookies;
        bool is_tls;
        const char *secret;
        bool is_old;
    } cases[] = {
        {"trace_login=a", false, "a", false},
        {"trace_login=a", true, NULL, false},
        {"__Host-trace_login=a", true, "a", false},
        {"__Host-trace_login=a", false, NULL, false},
        {"trace_session=a", true, "a", true},
        {"trace_session=a", false, "a", true},
        {"trace_session=a; __Host-trace_login=b", true, "b", false},
        {"trace_session=a; __Host-trace_login=", true, "", false},
        {"trace_login=a; trace_session=b", true, "b", true},
        {"x=1;  trace_session=b ;y", false, "b ", true},
        {NULL, false, NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool is_old = !cases[i].is_old;
        struct str secret = login_cookie_read(str_from(cases[i].cookies), cases[i].is_tls, &is_old);
        assert_int_equal(is_old, cases[i].is_old);
        assert_true(cases[i].secret ? str_eq(secret, str_from(cases[i].secret)) : !secret.p);
    }
}

static void prints_the_login_cookie(void **state)
{
    (void)state;
    struct buf b = {0};
    login_cookie_print(&b, STR("s"), 60, true);
    assert_string_equal(buf_cstr(&b), "__Host-trace_login=s; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
    buf_clear(&b);
    login_cookie_print(&b, STR("s"), 60, false);
    assert_string_equal(buf_cstr(&b), "trace_login=s; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
    buf_clear(&b);
    login_cookie_print_end(&b, true);
    assert_string_equal(buf_cstr(&b), "__Host-trace_login=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    buf_clear(&b);
    login_cookie_print_old_end(&b, true);
    assert_string_equal(buf_cstr(&b), "trace_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    buf_fini(&b);
}

static void bounds_and_completes_the_body(void **state)
{
    (void)state;
    static const struct {
        const char *length, *body;
        enum body_kind kind;
        int status;
    } cases[] = {
        {"2", "{}", BODY_JSON, 0},         {"", NULL, BODY_JSON, 0},
        {NULL, NULL, BODY_JSON, 0},        {"3", "{}", BODY_JSON, 400},
        {"x", "{}", BODY_JSON, 400},       {"-1", "{}", BODY_JSON, 400},
        {"8388609", "{}", BODY_JSON, 413}, {"8388609", "{}", BODY_NONE, 413},
        {"16777217", "{}", BODY_RAW, 413}, {"99999999999999999999", "", BODY_RAW, 400},
        {"5", "a\nb\nc", BODY_RAW, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct fake_variable variables[] = {{"CONTENT_LENGTH", cases[i].length}, {0}};
        struct fake_exchange x = {{&fake_ops}, variables, cases[i].body};
        struct request r = {0};
        assert_int_equal(intake_body(&r, &x.exchange, cases[i].kind), cases[i].status);
        request_fini(&r);
    }
}

static void takes_unknown_methods_for_one_that_no_route_has(void **state)
{
    (void)state;
    struct request r = {0};
    assert_int_equal(head(&r, (const struct fake_variable[]){{"REQUEST_METHOD", "BREW"}, {"REQUEST_URI", "/"}, {0}}),
                     0);
    assert_int_equal(r.method, METHOD_OTHER);
    assert_str(r.path, "/");
    request_fini(&r);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_method_path_and_query),
        cmocka_unit_test(refuses_bad_escapes),
        cmocka_unit_test(bounds_the_query),
        cmocka_unit_test(finds_the_credential),
        cmocka_unit_test(reads_the_login_cookie_of_its_name),
        cmocka_unit_test(prints_the_login_cookie),
        cmocka_unit_test(bounds_and_completes_the_body),
        cmocka_unit_test(takes_unknown_methods_for_one_that_no_route_has),
    };
    return cmocka_run_group_tests_name("cgi intake", tests, NULL, NULL);
}
