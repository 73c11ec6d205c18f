// SPDX-License-Identifier: Apache-2.0
#include "cgi/route.h"

#include "base/id.h"

enum { WORD_MAX = 128 };

static const char *const method_names[METHOD__MAX] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OTHER"};

enum method route_method(struct str text)
{
    for (int i = 0; i < METHOD_OTHER; i++)
        if (str_eq(text, str_from(method_names[i])))
            return (enum method)i;
    return METHOD_OTHER;
}

const char *route_method_name(enum method method)
{
    return method_names[method];
}

// "{ses}" → "ses" in `kind`; false for a literal.
static bool id_kind(struct str segment, char kind[static 4])
{
    if (segment.n < 3 || segment.n > 5 || segment.p[0] != '{')
        return false;
    memcpy(kind, segment.p + 1, segment.n - 2);
    kind[segment.n - 2] = '\0';
    return true;
}

// Letters, digits, hyphens and underscores: a token of ours, a UUID.
static bool is_word(struct str segment)
{
    for (size_t i = 0; i < segment.n; i++) {
        char c = segment.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'))
            return false;
    }
    return segment.n > 0 && segment.n <= WORD_MAX;
}

static bool matches(const char *pattern, struct str path, struct str ids[static REQUEST_IDS_MAX], int *n)
{
    struct str want = str_from(pattern);
    *n = 0;
    while (want.p && path.p) {
        struct str expected = str_cut(&want, '/'), got = str_cut(&path, '/');
        char kind[4];
        if (!id_kind(expected, kind)) {
            if (!str_eq(expected, got))
                return false;
            continue;
        }
        if (!(kind[0] == '*' ? is_word(got) : id_valid(got, kind)) || *n == REQUEST_IDS_MAX)
            return false;
        ids[(*n)++] = got;
    }
    return !want.p && !path.p;
}

static void add_method(struct buf *allow, enum method method)
{
    if (allow->n)
        buf_lit(allow, ", ");
    buf_str(allow, str_from(method_names[method]));
    if (method == METHOD_GET)
        buf_lit(allow, ", HEAD");
}

const struct route *route_find(const struct program *program, struct request *r, struct buf *allow)
{
    enum method wanted = r->method == METHOD_HEAD ? METHOD_GET : r->method;
    for (const struct route *const *table = program->tables; *table; table++) {
        for (const struct route *route = *table; route->pattern; route++) {
            struct str ids[REQUEST_IDS_MAX] = {{0}};
            int n;
            if (!matches(route->pattern, r->path, ids, &n))
                continue;
            if (route->method == wanted) {
                memcpy(r->id, ids, sizeof ids);
                r->ids = n;
                return route;
            }
            add_method(allow, route->method);
        }
    }
    return NULL;
}

int route_index(const struct program *program, const struct route *wanted)
{
    int index = 0;
    for (const struct route *const *table = program->tables; *table; table++)
        for (const struct route *route = *table; route->pattern; route++, index++)
            if (route == wanted)
                return index;
    return -1;
}

const struct route *route_at(const struct program *program, int index)
{
    for (const struct route *const *table = program->tables; *table; table++)
        for (const struct route *route = *table; route->pattern; route++)
            if (index-- == 0)
                return route;
    return NULL;
}
