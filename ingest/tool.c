// SPDX-License-Identifier: Apache-2.0
#include "ingest/tool.h"

enum { WRAPPINGS_MAX = 4 };

struct only {
    size_t members;
    struct json_object *value;
};

static bool counts(void *context, struct str key, struct json_object *value)
{
    struct only *only = context;
    (void)key;
    only->value = value;
    return ++only->members < 2;
}

// The member if it is the only one.
static struct json_object *only_member(struct json_object *object, const char *key)
{
    struct only only = {0};
    value_each(object, counts, &only);
    return only.members == 1 ? value_get(object, key) : NULL;
}

struct json_object *tool_arguments(struct span *s, struct json_object *input)
{
    struct json_object *inside = span_inside(s, input);
    struct json_object *wrapped = only_member(inside, "input");
    if (wrapped)
        return span_inside(s, wrapped);
    struct json_object *args = value_get(inside, "args"), *kwargs = value_get(inside, "kwargs");
    if (value_kind(args) == VALUE_ARRAY && value_kind(kwargs) == VALUE_OBJECT)
        return value_count(args) == 0 ? kwargs : value_count(args) == 1 ? value_at(args, 0) : inside;
    wrapped = only_member(inside, "args"); // of an application's own wrapper
    return value_kind(wrapped) == VALUE_OBJECT ? wrapped : inside;
}

struct json_object *tool_result(struct span *s, struct json_object *output)
{
    struct json_object *value = span_inside(s, output);
    for (int i = 0; i < WRAPPINGS_MAX; i++) {
        struct json_object *inner = only_member(value, "output");
        if (!inner)
            inner = only_member(value, "outputs");
        if (!inner && value_get(value, "lc"))
            inner = value_get(value_get(value, "kwargs"), "content");
        if (!inner)
            break;
        value = span_inside(s, inner);
    }
    return value;
}
