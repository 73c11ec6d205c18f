// SPDX-License-Identifier: Apache-2.0
#include "ingest/span.h"

enum { ID_MAX = 200 };

void span_init(struct span *s, const struct dialect *dialect)
{
    *s = (struct span){.dialect = dialect, .attributes = value_new_object(), .scratch = value_new_array()};
}

void span_fini(struct span *s)
{
    value_free(s->attributes);
    value_free(s->events);
    value_free(s->links);
    value_free(s->scratch);
    *s = (struct span){0};
}

bool span_has_ids(const struct span *s, bool is_of_trace)
{
    return s->trace.n && s->trace.n <= ID_MAX && s->id.n <= ID_MAX && (s->id.n || is_of_trace);
}

struct json_object *span_inside(struct span *s, struct json_object *value)
{
    struct str text = value_text(value);
    int64_t replaced = 0;
    if (text.n < 2 || !memchr("{[\"", *text.p, 3))
        return value;
    for (size_t i = 0; i < SPAN_INSIDES && i < s->insides_n; i++)
        if (s->insides[i].text == text.p)
            return s->insides[i].inside;
    struct json_object *inner = value_read(text, &replaced);
    if (inner)
        value_add(s->scratch, inner);
    // Some write JSON into a text, and that text as JSON into another.
    if (inner && *text.p == '"' && value_text(inner).n < text.n)
        inner = span_inside(s, inner);
    size_t place = s->insides_n++ % SPAN_INSIDES;
    s->insides[place].text = text.p;
    s->insides[place].inside = inner ? inner : value;
    return s->insides[place].inside;
}

struct json_object *span_path(struct span *s, struct json_object *from, const char *path)
{
    struct str rest = str_from(path);
    struct json_object *value = from;
    while (rest.n && value) {
        struct str segment = str_cut(&rest, '/');
        char key[96];
        int64_t index;
        if (segment.n >= sizeof key)
            return NULL;
        memcpy(key, segment.p, segment.n);
        key[segment.n] = '\0';
        value = span_inside(s, value);
        if (value_kind(value) == VALUE_ARRAY)
            value = str_to_i64(segment, &index) == 0 ? value_at(value, (size_t)index) : NULL;
        else
            value = value_get(value, key);
    }
    return value;
}

struct json_object *span_attribute(struct span *s, const char *path)
{
    if (!strchr(path, '/'))
        return value_get(s->attributes, path);
    return span_path(s, s->attributes, path);
}

struct prefix_search {
    struct str prefix;
    bool is_found;
};

static bool looks_for_prefix(void *context, struct str key, struct json_object *value)
{
    struct prefix_search *search = context;
    (void)value;
    search->is_found = str_starts(key, search->prefix);
    return !search->is_found;
}

struct name_search {
    struct str name;
    bool is_found;
};

static bool looks_for_name(void *context, struct str key, struct json_object *value)
{
    struct name_search *search = context;
    (void)value;
    search->is_found = str_eq(key, search->name);
    return !search->is_found;
}

bool span_has(const struct span *s, struct str key)
{
    struct name_search search = {key, false};
    value_each(s->attributes, looks_for_name, &search);
    return search.is_found;
}

bool span_has_prefix(const struct span *s, const char *prefix)
{
    struct prefix_search search = {str_from(prefix), false};
    value_each(s->attributes, looks_for_prefix, &search);
    return search.is_found;
}
