// SPDX-License-Identifier: Apache-2.0
#include "ingest/flat.h"

#include "ingest/rules.h"

enum { SEGMENTS_MAX = 12 };

static const struct part {
    struct str list;
    enum field field;
} parts[] = {
    {{"llm.input_messages", 18}, FIELD_INPUT},            // openinference
    {{"llm.output_messages", 19}, FIELD_OUTPUT},          //
    {{"retrieval.documents", 19}, FIELD_DOCUMENTS},       //
    {{"reranker.output_documents", 25}, FIELD_DOCUMENTS}, //
    {{"llm.tools", 9}, FIELD_TOOLS},                      //
    {{"llm.request.functions", 21}, FIELD_TOOLS},         // OpenLLMetry
    {{"gen_ai.prompt", 13}, FIELD_INPUT},                 //
    {{"gen_ai.completion", 17}, FIELD_OUTPUT},            //
};

enum { PARTS = sizeof parts / sizeof parts[0] };

static bool is_number(struct str segment)
{
    for (size_t i = 0; i < segment.n; i++)
        if (segment.p[i] < '0' || segment.p[i] > '9')
            return false;
    return segment.n > 0 && segment.n < 5;
}

// The row of the list that the attribute is a part of, and what stands behind its name: "0.message.role". An element as
// a whole, "0", is none, and stays an attribute.
static const struct part *part_of(struct str key, struct str *rest)
{
    for (size_t i = 0; i < PARTS; i++) {
        struct str list = parts[i].list;
        if (key.n > list.n + 1 && key.p[list.n] == '.' && str_starts(key, list)) {
            *rest = str_skip(key, list.n + 1);
            struct str behind = *rest;
            if (is_number(str_cut(&behind, '.')) && behind.p)
                return &parts[i];
        }
    }
    return NULL;
}

bool flat_is_part(struct str key)
{
    struct str rest;
    return part_of(key, &rest) != NULL;
}

// What OpenInference wraps each element of a list in: the element is the same without.
static bool is_wrapping(struct str segment)
{
    return str_eq(segment, STR("message")) || str_eq(segment, STR("message_content")) ||
           str_eq(segment, STR("tool_call")) || str_eq(segment, STR("document")) || str_eq(segment, STR("tool"));
}

// What a span's parts may still cost: a name of a few bytes can ask for ten thousand elements, a text for many objects.
static bool afford(int64_t *left, int64_t cost)
{
    if (cost > *left)
        return false;
    *left -= cost;
    return true;
}

// No less than what the JSON in the text will cost.
static int64_t cost_of(struct str text)
{
    int64_t cost = 0;
    for (size_t i = 0; i < text.n; i++)
        cost += text.p[i] == '{'                       ? VALUE_COST_OBJECT
                : text.p[i] == '['                     ? VALUE_COST_ARRAY
                : text.p[i] == ',' || text.p[i] == ':' ? VALUE_COST_SCALAR
                                                       : 1;
    return cost;
}

// Parts are scalars, or JSON in a text; members of events are any values.
static struct json_object *copied(struct json_object *value, int64_t *left)
{
    struct str text = value_text(value);
    int64_t replaced = 0;
    if (value_kind(value) == VALUE_TEXT) {
        bool is_json = text.n > 1 && memchr("{[", *text.p, 2) && afford(left, cost_of(text));
        struct json_object *inside = is_json ? value_read(text, &replaced) : NULL;
        return inside ? inside : value_new_text(text);
    }
    if (value_kind(value) == VALUE_BOOL)
        return value_new_bool(value_true(value));
    if (value_kind(value) == VALUE_OBJECT || value_kind(value) == VALUE_ARRAY) {
        struct buf json = {0};
        value_print(&json, value, NULL, NULL);
        struct json_object *copy =
            afford(left, cost_of(buf_view(&json))) ? value_read(buf_view(&json), &replaced) : NULL;
        buf_fini(&json);
        return copy;
    }
    return value_kind(value) == VALUE_NUMBER ? value_new_double(value_double(value, 0)) : NULL;
}

// The element, made with all before it: a hole is an object. They may come in any order: some SDKs sort attributes by
// name, 10 before 2.
static struct json_object *element(struct json_object *array, struct str segment, int64_t *left)
{
    int64_t index;
    if (value_kind(array) != VALUE_ARRAY || str_to_i64(segment, &index))
        return NULL;
    int64_t missing = index + 1 - (int64_t)value_count(array);
    if (missing > 0 && !afford(left, missing * VALUE_COST_OBJECT))
        return NULL;
    while (value_count(array) <= (size_t)index)
        value_add(array, value_new_object());
    return value_at(array, (size_t)index);
}

// The member of that name, made by `make` if there is none yet.
static struct json_object *member(struct json_object *object, struct str key, struct json_object *(*make)(void),
                                  int64_t *left)
{
    char name[96];
    if (value_kind(object) != VALUE_OBJECT || key.n >= sizeof name)
        return NULL;
    memcpy(name, key.p, key.n);
    name[key.n] = '\0';
    if (!value_get(object, name) && afford(left, VALUE_COST_OBJECT))
        value_put(object, key, make());
    return value_get(object, name);
}

// "0.message.tool_calls.1.tool_call.function.name" is [0].tool_calls[1].function.name.
static void place(struct json_object *list, struct str path, struct json_object *value, int64_t *left)
{
    struct json_object *at = element(list, str_cut(&path, '.'), left);
    for (int i = 0; i < SEGMENTS_MAX && at && path.p; i++) {
        struct str segment = str_cut(&path, '.'), behind = path;
        if (path.p && is_wrapping(segment))
            continue;
        if (path.p && is_number(str_cut(&behind, '.'))) {
            at = element(member(at, segment, value_new_array, left), str_cut(&path, '.'), left);
        } else if (path.p) {
            at = member(at, segment, value_new_object, left);
        } else if (value_kind(at) == VALUE_OBJECT) {
            struct json_object *copy = copied(value, left);
            if (copy)
                value_put(at, segment, copy);
        }
    }
}

struct gathering {
    struct json_object *lists[PARTS];
    bool is_wanted[FIELD__MAX];
    int64_t left;
};

struct copying {
    struct json_object *message;
    int64_t *left;
};

static bool takes_part(void *context, struct str key, struct json_object *value)
{
    struct gathering *g = context;
    struct str rest;
    const struct part *part = part_of(key, &rest);
    if (!part || !g->is_wanted[part->field])
        return true;
    struct json_object **list = &g->lists[part - parts];
    if (!*list)
        *list = value_new_array();
    place(*list, rest, value, &g->left);
    return true;
}

// Azure has the whole message as JSON in one attribute of the event.
static bool copies(void *context, struct str key, struct json_object *value)
{
    struct copying *c = context;
    struct json_object *copy = copied(value, c->left);
    if (value_kind(copy) == VALUE_OBJECT && str_eq(key, STR("gen_ai.event.content"))) {
        value_each(copy, copies, c);
        value_free(copy);
    } else if (copy) {
        value_put(c->message, key, copy);
    }
    return true;
}

// Events that have what attributes of the span would have (semantic conventions 1.37; those of 1.27, of Semantic Kernel
// and OpenLIT): the first one that says it stays.
static bool lifts(void *context, struct str key, struct json_object *value)
{
    struct span *s = context;
    if (value_kind(value) == VALUE_TEXT && str_starts(key, STR("gen_ai.")) && !span_has(s, key))
        value_put(s->attributes, key, value_new_text(value_text(value)));
    return true;
}

static void lift_event(struct span *s, struct json_object *event)
{
    static const struct str names[] = {
        {"gen_ai.client.inference.operation.details", 41},
        {"gen_ai.content.prompt", 21},
        {"gen_ai.content.completion", 25},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(value_text(value_get(event, "name")), names[i]))
            value_each(value_get(event, "attributes"), lifts, s);
}

// "gen_ai.user.message" is what the user says; "gen_ai.choice" what the model answered.
static void take_event(struct gathering *g, struct json_object *event)
{
    static const struct str opening = {"gen_ai.", 7}, ending = {".message", 8};
    struct str name = value_text(value_get(event, "name")), role = name;
    bool is_choice = str_eq(name, STR("gen_ai.choice"));
    bool is_message =
        str_starts(name, opening) && name.n > opening.n + ending.n && str_eq(str_skip(name, name.n - ending.n), ending);
    if ((!is_message && !is_choice) || !g->is_wanted[is_choice ? FIELD_OUTPUT : FIELD_INPUT])
        return;
    struct json_object **list = &g->lists[is_choice ? PARTS - 1 : PARTS - 2], *message = value_new_object();
    if (is_message) {
        role = (struct str){name.p + opening.n, name.n - opening.n - ending.n};
        value_put(message, STR("role"), value_new_text(role));
    }
    value_each(value_get(event, "attributes"), copies, &(struct copying){message, &g->left});
    if (!*list)
        *list = value_new_array();
    value_add(*list, message);
}

void flat_gather(struct span *s)
{
    struct gathering g = {.left = VALUE_COST_MAX};
    for (size_t i = 0; i < value_count(s->events); i++)
        lift_event(s, value_at(s->events, i));
    g.is_wanted[FIELD_INPUT] = !rules_find(s, FIELD_INPUT);
    g.is_wanted[FIELD_OUTPUT] = !rules_find(s, FIELD_OUTPUT);
    g.is_wanted[FIELD_TOOLS] = !rules_find(s, FIELD_TOOLS);
    g.is_wanted[FIELD_DOCUMENTS] = !rules_find(s, FIELD_DOCUMENTS);
    value_each(s->attributes, takes_part, &g);
    for (size_t i = 0; i < value_count(s->events); i++)
        take_event(&g, value_at(s->events, i));
    for (size_t i = 0; i < PARTS; i++)
        if (g.lists[i])
            value_put(s->attributes, parts[i].list, g.lists[i]);
}
