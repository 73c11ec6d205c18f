// SPDX-License-Identifier: Apache-2.0
// Paths against patterns: what is found, put together from the pattern and the ids, is the path.
#include "cgi/route.h"
#include "base/id.h"
#include "tests/fuzz/fuzz.h"

static const struct route routes[] = {
    {METHOD_GET, "/healthz", AUTH_ANYONE, BODY_NONE, NULL},
    {METHOD_GET, "/api/workspaces/{ws}", AUTH_KNOWN, BODY_NONE, NULL},
    {METHOD_POST, "/api/workspaces/{ws}/agent-sessions", AUTH_KNOWN, BODY_NONE, NULL},
    {METHOD_GET, "/api/workspaces/{ws}/agent-sessions/{ses}/steps/{stp}", AUTH_KNOWN, BODY_NONE, NULL},
    {METHOD_DELETE, "/api/workspaces/{ws}/messages/{msg}", AUTH_KNOWN, BODY_NONE, NULL},
    {0},
};
static const struct route *const tables[] = {routes, NULL};
static const struct program program = {"fuzz", "", false, tables, .has_sign_in = false};

static void print(struct buf *path, const struct route *route, const struct request *r)
{
    int id = 0;
    for (struct str rest = str_from(route->pattern); rest.p;) {
        struct str segment = str_cut(&rest, '/');
        bool is_id = segment.n && segment.p[0] == '{';
        assert(!is_id || (id < r->ids && r->id[id].n == segment.n - 2 + 1 + ID_ULID));
        buf_str(path, is_id ? r->id[id++] : segment);
        if (rest.p)
            buf_char(path, '/');
    }
    assert(id == r->ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct request r = {.method = (enum method)(data[0] % METHOD__MAX), .path = {(const char *)data + 1, size - 1}};
    struct buf allow = {0}, path = {0};
    const struct route *route = route_find(&program, &r, &allow);

    if (route) {
        assert(route->method == (r.method == METHOD_HEAD ? METHOD_GET : r.method));
        print(&path, route, &r);
        assert(str_eq(buf_view(&path), r.path));
    }
    buf_fini(&allow);
    buf_fini(&path);
    return 0;
}
