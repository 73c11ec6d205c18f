// SPDX-License-Identifier: Apache-2.0
#include "agent/model/calls.h"

#include <ctype.h>
#include <stdlib.h>

#include "agent/member.h"
#include "agent/model/repair.h"

#define CALLS_INDEX_MAX 1000000 // beyond that a number is no index

static const char *const known_members[] = {"id", "index", "type", "function", "name", "arguments", NULL};

static void keep_extra(struct call *call, const json_t *delta)
{
    json_t *copy = json_deep_copy(delta);
    for (const char *const *known = known_members; *known; known++)
        (void)json_object_del(copy, *known);
    if (call->extra)
        json_object_update(call->extra, copy);
    else if (json_object_size(copy) > 0)
        call->extra = json_incref(copy);
    json_decref(copy);
}

static bool is_json(struct buf *text)
{
    json_t *value = json_loadb(buf_cstr(text), text->n, JSON_ALLOW_NUL, NULL);
    bool is = json_is_object(value) && json_object_size(value) > 0;
    json_decref(value);
    return is;
}

static struct call *with_id(struct calls *calls, const char *id)
{
    for (size_t i = calls->count; i > 0; i--)
        if (str_eq(buf_view(&calls->list[i - 1].id), str_from(id)))
            return &calls->list[i - 1];
    return NULL;
}

static struct call *with_index(struct calls *calls, int64_t index)
{
    for (size_t i = calls->count; i > 0; i--)
        if (calls->list[i - 1].index == index)
            return &calls->list[i - 1];
    return NULL;
}

static struct call *last(struct calls *calls)
{
    return calls->count > 0 ? &calls->list[calls->count - 1] : NULL;
}

static struct call *begin(struct calls *calls, int64_t index)
{
    if (calls->count == CALLS_MAX)
        return NULL;
    struct call *call = &calls->list[calls->count++];
    call->index = index;
    return call;
}

// Which call a delta belongs to; NULL if there are too many. A server may leave out the index, or give every call the
// same; it may repeat the id or the name in every piece, or leave both out of all but the first.
static struct call *call_of(struct calls *calls, int64_t index, const char *id, const char *name, struct buf *arguments)
{
    struct call *same = *id != '\0' ? with_id(calls, id) : NULL;
    if (same && (index < 0 || same->index == index)) {
        // A second whole call under the id of the first; the first once more is a repeat.
        bool is_second = *name != '\0' && is_json(&same->arguments) && is_json(arguments);
        if (is_second && str_eq(buf_view(&same->arguments), buf_view(arguments)))
            buf_clear(arguments);
        return is_second && arguments->n > 0 ? begin(calls, index) : same;
    }
    struct call *at = index >= 0 ? with_index(calls, index) : last(calls);
    if (!at)
        return begin(calls, index);
    // A new id without a name goes on with the call: some servers make an id for every piece.
    if (*id != '\0' && *name != '\0' && (at->id.n > 0 || index < 0))
        return begin(calls, index);
    // Without an id, a whole call behind a whole call is another one, whatever its index says.
    bool is_another = *id == '\0' && is_json(&at->arguments) && (index < 0 || is_json(arguments));
    if (*name != '\0' && at->name.n > 0 && (!str_eq(buf_view(&at->name), str_from(name)) || is_another))
        return begin(calls, index);
    return at;
}

static void add_value(struct buf *out, const json_t *value)
{
    if (json_is_string(value)) {
        buf_bytes(out, json_string_value(value), json_string_length(value));
    } else if (value && !json_is_null(value)) {
        char *printed = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        buf_str(out, str_from(printed));
        free(printed);
    }
}

static int64_t index_of(const json_t *delta)
{
    const json_t *at = json_object_get(delta, "index");
    int64_t index = -1;
    if (json_is_string(at) && str_to_i64(str_from(json_string_value(at)), &index) != 0)
        return -1;
    if (json_is_integer(at))
        return json_integer_value(at);
    if (json_is_real(at) && json_real_value(at) >= 0 && json_real_value(at) < CALLS_INDEX_MAX)
        return (int64_t)json_real_value(at);
    return index;
}

// True if a call with this name and these arguments is there.
static bool is_there(struct calls *calls, const char *name, struct buf *arguments)
{
    json_t *given = json_loadb(buf_cstr(arguments), arguments->n, JSON_ALLOW_NUL, NULL);
    bool is = false;
    for (size_t i = 0; i < calls->count && given && !is; i++) {
        struct call *call = &calls->list[i];
        json_t *had = json_loadb(buf_cstr(&call->arguments), call->arguments.n, JSON_ALLOW_NUL, NULL);
        is = had && str_eq(buf_view(&call->name), str_from(name)) && json_equal(had, given);
        json_decref(had);
    }
    json_decref(given);
    return is;
}

static int take_one(struct calls *calls, const json_t *delta, bool may_repeat)
{
    const json_t *function = json_object_get(delta, "function");
    if (!json_is_object(function)) // some servers send the function itself
        function = delta;
    const char *id = member_text(delta, "id"), *name = member_text(function, "name");
    struct buf arguments = {0};
    int result = 0;
    add_value(&arguments, json_object_get(function, "arguments"));
    if (!may_repeat || !is_there(calls, name, &arguments)) {
        struct call *call = call_of(calls, index_of(delta), id, name, &arguments);
        if (call) {
            if (call->id.n == 0)
                buf_str(&call->id, str_from(id));
            if (call->name.n == 0)
                buf_str(&call->name, str_from(name));
            buf_str(&call->arguments, buf_view(&arguments));
            keep_extra(call, delta);
        }
        result = call && call->arguments.n <= CALLS_ARGUMENTS_MAX_BYTES ? 0 : -1;
    }
    buf_fini(&arguments);
    return result;
}

int calls_take(struct calls *calls, const json_t *deltas, bool may_repeat)
{
    size_t i;
    json_t *delta;
    may_repeat &= calls->count > 0; // calls that are twice in one message are meant twice
    if (json_is_object(deltas))
        return take_one(calls, deltas, may_repeat);
    json_array_foreach(deltas, i, delta)
    {
        if (json_is_object(delta) && take_one(calls, delta, may_repeat) != 0)
            return -1;
    }
    return 0;
}

int calls_take_legacy(struct calls *calls, const json_t *function)
{
    struct call *call = calls->count > 0 ? last(calls) : begin(calls, -1);
    struct buf arguments = {0};
    add_value(&arguments, json_object_get(function, "arguments"));
    if (call->name.n == 0)
        buf_str(&call->name, str_from(member_text(function, "name")));
    if (!is_json(&call->arguments)) // else it is the whole of it once more
        buf_str(&call->arguments, buf_view(&arguments));
    buf_fini(&arguments);
    return call->arguments.n > CALLS_ARGUMENTS_MAX_BYTES ? -1 : 0;
}

int calls_add(struct calls *calls, struct str name, struct str arguments)
{
    struct call *call = begin(calls, -1);
    if (!call || arguments.n > CALLS_ARGUMENTS_MAX_BYTES)
        return -1;
    buf_str(&call->name, name);
    buf_str(&call->arguments, arguments);
    return 0;
}

static bool is_offered(const json_t *tools, struct str name, const char **found)
{
    size_t i;
    json_t *tool;
    json_array_foreach(tools, i, tool)
    {
        *found = member_text(json_object_get(tool, "function"), "name");
        if (name.n > 0 && str_eq(str_from(*found), name))
            return true;
    }
    return false;
}

// True if both have the same letters and digits in a row: models take one separator for another, above all in the names
// of borrowed tools ("files.read_file" for "files__read-file").
static bool is_alike(struct str a, struct str b)
{
    while (a.n > 0 || b.n > 0) {
        if (a.n > 0 && !isalnum((unsigned char)a.p[0]))
            a = str_skip(a, 1);
        else if (b.n > 0 && !isalnum((unsigned char)b.p[0]))
            b = str_skip(b, 1);
        else if (a.n == 0 || b.n == 0 || a.p[0] != b.p[0])
            return false;
        else {
            a = str_skip(a, 1);
            b = str_skip(b, 1);
        }
    }
    return true;
}

// The only offered tool whose name is like this; NULL if there are none or several.
static const char *only_alike(const json_t *tools, struct str name)
{
    const char *found = NULL;
    size_t i;
    json_t *tool;
    json_array_foreach(tools, i, tool)
    {
        const char *offered = member_text(json_object_get(tool, "function"), "name");
        if (!is_alike(str_from(offered), name))
            continue;
        if (found)
            return NULL;
        found = offered;
    }
    return found;
}

const char *calls_tool_named(const json_t *tools, struct str name)
{
    const char *found = NULL;
    // A channel behind the name ("search<|channel|>commentary"), then a number ("search:0"), then a namespace before it
    // ("functions.search", "default_api:search").
    for (size_t i = 0; i + 1 < name.n; i++)
        if (name.p[i] == '<' && name.p[i + 1] == '|')
            name.n = i;
    while (name.n > 0 && isspace((unsigned char)name.p[name.n - 1]))
        name.n--;
    while (name.n > 0 && isspace((unsigned char)name.p[0]))
        name = str_skip(name, 1);
    if (is_offered(tools, name, &found))
        return found;
    size_t n = name.n;
    while (n > 0 && isdigit((unsigned char)name.p[n - 1]))
        n--;
    if (n > 0 && n < name.n && name.p[n - 1] == ':')
        name.n = n - 1;
    for (size_t i = 0; i < name.n; i++)
        if ((i == 0 || strchr(".:/", name.p[i - 1])) && is_offered(tools, str_skip(name, i), &found))
            return found;
    for (size_t i = 0; i < name.n; i++)
        if ((i == 0 || strchr(".:/", name.p[i - 1])) && (found = only_alike(tools, str_skip(name, i))))
            return found;
    return NULL;
}

// What stands inside a fence of code, or `text` itself.
static struct str unfenced(struct str text)
{
    while (text.n > 0 && isspace((unsigned char)text.p[0]))
        text = str_skip(text, 1);
    while (text.n > 0 && isspace((unsigned char)text.p[text.n - 1]))
        text.n--;
    if (!str_starts(text, STR("```")) || text.n < 6)
        return text;
    text = str_skip(text, 3);
    while (text.n > 0 && isalnum((unsigned char)text.p[0]))
        text = str_skip(text, 1);
    if (text.n >= 3 && memcmp(text.p + text.n - 3, "```", 3) == 0)
        text.n -= 3;
    return text;
}

static json_t *last_object(struct str text);

static json_t *last_object_of(struct str text)
{
    json_t *kept = NULL;
    while (text.n > 0) {
        json_error_t error;
        json_t *value = json_loadb(text.p, text.n, JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
        if (!value || error.position <= 0 || (size_t)error.position > text.n) {
            bool is_rest = text.n > 0 && !isspace((unsigned char)text.p[0]);
            json_decref(value);
            if (is_rest) { // something else follows: nothing can be said about the whole
                json_decref(kept);
                return NULL;
            }
            text = str_skip(text, 1);
            continue;
        }
        if (json_is_string(value) && !kept) { // encoded twice
            kept = last_object((struct str){json_string_value(value), json_string_length(value)});
        } else if (json_is_object(value) && (!kept || json_object_size(value) > 0)) {
            json_decref(kept);
            kept = json_incref(value);
        }
        json_decref(value);
        text = str_skip(text, (size_t)error.position);
    }
    return kept;
}

// The last object of a row of JSON values that is not empty: a server may send {} before the real ones, or all twice.
// What the model wrote is repaired like what its server writes: it ends lines inside of strings, too.
static json_t *last_object(struct str text)
{
    struct repair repair = {0};
    struct buf repaired = {0};
    repair_json(&repair, text, &repaired);
    json_t *object = last_object_of(buf_view(&repaired));
    buf_fini(&repaired);
    return object;
}

static void settle(struct call *call, const json_t *tools)
{
    const char *name = calls_tool_named(tools, buf_view(&call->name));
    struct str text = unfenced(buf_view(&call->arguments));
    json_t *object = text.n > 0 ? last_object(text) : json_object();
    if (name) {
        buf_clear(&call->name);
        buf_str(&call->name, str_from(name));
    }
    if (object) {
        char *printed = json_dumps(object, JSON_COMPACT);
        buf_clear(&call->arguments);
        buf_str(&call->arguments, str_from(printed));
        free(printed);
    }
    json_decref(object);
}

void calls_settle(struct calls *calls, const json_t *tools)
{
    for (size_t i = 0; i < calls->count; i++)
        settle(&calls->list[i], tools);
}

void calls_drop(struct calls *calls, size_t left)
{
    while (calls->count > left) {
        struct call *call = &calls->list[--calls->count];
        buf_fini(&call->id);
        buf_fini(&call->name);
        buf_fini(&call->arguments);
        json_decref(call->extra);
        *call = (struct call){0};
    }
}

void calls_fini(struct calls *calls)
{
    calls_drop(calls, 0);
}
