// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/cgi.h"

#include "cgi/origin.h"
#include "cgi/route.h"
#include "cgi/status.h"

#define WS "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define SES "ses_01ARZ3NDEKTSV4RRFFQ69G5FAV"

static int nothing(struct request *r)
{
    (void)r;
    return 204;
}

static const struct route first[] = {
    {METHOD_GET, "/healthz", AUTH_ANYONE, BODY_NONE, nothing},
    {METHOD_GET, "/api/workspaces/{ws}/agent-sessions", AUTH_KNOWN, BODY_NONE, nothing},
    {METHOD_POST, "/api/workspaces/{ws}/agent-sessions", AUTH_PROGRAM, BODY_JSON, nothing},
    {0},
};
static const struct route second[] = {
    {METHOD_POST, "/api/workspaces/{ws}/agent-sessions/{ses}/claim", AUTH_PROGRAM, BODY_JSON, nothing},
    {0},
};
static const struct route *const tables[] = {first, second, NULL};
static const struct program program = {"test", "", false, tables, .has_sign_in = false};

static const struct route *find(enum method method, const char *path, struct request *r, struct buf *allow)
{
    *r = (struct request){.method = method, .path = str_from(path)};
    buf_clear(allow);
    return route_find(&program, r, allow);
}

static void finds_by_method_and_segments(void **state)
{
    (void)state;
    struct request r;
    struct buf allow = {0};
    assert_ptr_equal(find(METHOD_GET, "/healthz", &r, &allow), &first[0]);
    assert_ptr_equal(find(METHOD_HEAD, "/api/workspaces/" WS "/agent-sessions", &r, &allow), &first[1]);
    assert_ptr_equal(find(METHOD_POST, "/api/workspaces/" WS "/agent-sessions/" SES "/claim", &r, &allow), &second[0]);
    assert_int_equal(r.ids, 2);
    assert_str(r.id[0], WS);
    assert_str(r.id[1], SES);
    buf_fini(&allow);
}

static void refuses_what_is_no_route(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "",
        "/",
        "/healthz/",
        "//healthz",
        "/healthz/x",
        "/api/workspaces/" SES "/agent-sessions",
        "/api/workspaces/ws_01ARZ3NDEKTSV4RRFFQ69G5FA/agent-sessions",
        "/api/workspaces/ws_01arz3ndektsv4rrffq69g5fav/agent-sessions",
        "/api/workspaces/ws_81ARZ3NDEKTSV4RRFFQ69G5FAV/agent-sessions",
        "/api/workspaces/" WS "/../" WS "/agent-sessions",
    };
    struct request r;
    struct buf allow = {0};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_null(find(METHOD_GET, paths[i], &r, &allow));
        assert_int_equal(allow.n, 0);
    }
    buf_fini(&allow);
}

static void says_which_methods_a_path_has(void **state)
{
    (void)state;
    struct request r;
    struct buf allow = {0};
    assert_null(find(METHOD_DELETE, "/api/workspaces/" WS "/agent-sessions", &r, &allow));
    assert_str(buf_view(&allow), "GET, HEAD, POST");
    assert_null(find(METHOD_OTHER, "/healthz", &r, &allow));
    assert_str(buf_view(&allow), "GET, HEAD");
    buf_fini(&allow);
}

static void counts_routes_over_all_tables(void **state)
{
    (void)state;
    assert_int_equal(route_index(&program, &second[0]), 3);
    assert_ptr_equal(route_at(&program, 3), &second[0]);
    assert_null(route_at(&program, 4));
    assert_int_equal(route_index(&program, NULL), -1);
    for (int i = 0; i < STATUS_KINDS - 1; i++)
        assert_int_equal(status_index(status_at(i)), i);
    assert_int_equal(status_index(418), STATUS_KINDS - 1);
}

static void knows_our_own_origin(void **state)
{
    (void)state;
    static const struct {
        const char *origin, *site, *url;
        bool is_ours;
    } cases[] = {
        // The browser's own word.
        {"http://h:1", "same-origin", "", true},
        {"http://elsewhere", "same-origin", "", true},
        {NULL, "same-origin", "", true},
        {"http://h:1", "same-site", "", false},
        {"http://h:1", "cross-site", "", false},
        {"http://h:1", "none", "", false},
        {NULL, "none", "", false},
        {NULL, "", "", false},
        // Where it says nothing: scheme and host.
        {"http://h:1", NULL, "", true},
        {"HTTP://H:1", NULL, "", true},
        {"https://h:1", NULL, "", false},
        {"http://h:2", NULL, "", false},
        {"http://h:1.evil", NULL, "", false},
        {"http://evil/http://h:1", NULL, "", false},
        {"h:1", NULL, "", false},
        {"null", NULL, "", false},
        {"", NULL, "", false},
        {NULL, NULL, "", false},
        // A set address must be the origin in every case.
        {"https://trace.example", "same-origin", "https://trace.example/", true},
        {"https://trace.example", NULL, "https://trace.example", true},
        {"http://trace.example", NULL, "https://trace.example", false},
        {"http://h:1", NULL, "https://trace.example", false},
        {"http://h:1", "same-origin", "https://trace.example", false},
        {NULL, "same-origin", "https://trace.example", false},
        {"https://trace.example", "cross-site", "https://trace.example", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct origin_claim claim = {str_from(cases[i].origin), str_from(cases[i].site), STR("http"), STR("h:1"),
                                     .has_cookie = true};
        if (origin_is_ours(&claim, str_from(cases[i].url)) != cases[i].is_ours)
            fail_msg("case %zu", i);
        // Without a cookie there is one difference: a program that signs in says nothing of where it comes from.
        claim.has_cookie = false;
        bool is_silent = !cases[i].origin && !cases[i].site;
        if (origin_is_ours(&claim, str_from(cases[i].url)) != (cases[i].is_ours || is_silent))
            fail_msg("case %zu without a cookie", i);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_method_and_segments),  cmocka_unit_test(refuses_what_is_no_route),
        cmocka_unit_test(says_which_methods_a_path_has), cmocka_unit_test(counts_routes_over_all_tables),
        cmocka_unit_test(knows_our_own_origin),
    };
    return cmocka_run_group_tests_name("cgi route", tests, NULL, NULL);
}
