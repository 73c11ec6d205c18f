// SPDX-License-Identifier: Apache-2.0
#include "ingest/value.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include "base/jw.h"
#include "ingest/mend.h"

struct json_object *value_read(struct str text, int64_t *replaced)
{
    struct buf mended = {0};
    struct mend_count count = {0};
    struct json_object *value = NULL;
    if (text.n > VALUE_COST_MAX || mend_json(&mended, text, &count) || count.cost_bytes > VALUE_COST_MAX)
        goto out;
    struct json_tokener *tokener = json_tokener_new_ex(MEND_DEPTH_MAX + 1);
    if (!tokener)
        abort();
    // The NUL ends a number that nothing else ends.
    const char *end = buf_cstr(&mended);
    value = json_tokener_parse_ex(tokener, end, (int)mended.n + 1);
    if (json_tokener_get_error(tokener) != json_tokener_success || json_tokener_get_parse_end(tokener) < mended.n) {
        json_object_put(value);
        value = NULL;
    }
    json_tokener_free(tokener);
    *replaced += count.replaced;
out:
    buf_fini(&mended);
    return value;
}

void value_free(struct json_object *value)
{
    json_object_put(value);
}

static struct json_object *made(struct json_object *value)
{
    if (!value)
        abort();
    return value;
}

struct json_object *value_new_object(void)
{
    return made(json_object_new_object());
}

struct json_object *value_new_array(void)
{
    return made(json_object_new_array());
}

struct json_object *value_new_text(struct str text)
{
    struct buf clean = {0};
    (void)mend_text(&clean, text);
    struct json_object *value = made(json_object_new_string_len(clean.n ? clean.p : "", (int)clean.n));
    buf_fini(&clean);
    return value;
}

struct json_object *value_new_i64(int64_t value)
{
    return made(json_object_new_int64(value));
}

struct json_object *value_new_bool(bool value)
{
    return made(json_object_new_boolean(value));
}

struct json_object *value_new_double(double value)
{
    char digits[40];
    if (!isfinite(value))
        return NULL;
    // The shortest that reads as the same number again.
    for (int precision = 15; precision <= 17; precision++) {
        (void)snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    return made(json_object_new_double_s(value, digits));
}

void value_put(struct json_object *object, struct str key, struct json_object *value)
{
    char *name = mem_dup(key);
    if (json_object_object_add(object, name, value))
        abort();
    free(name);
}

void value_add(struct json_object *array, struct json_object *value)
{
    if (json_object_array_add(array, value))
        abort();
}

enum value_kind value_kind(struct json_object *value)
{
    static const enum value_kind kinds[] = {
        [json_type_null] = VALUE_NONE,   [json_type_boolean] = VALUE_BOOL,  [json_type_double] = VALUE_NUMBER,
        [json_type_int] = VALUE_NUMBER,  [json_type_object] = VALUE_OBJECT, [json_type_array] = VALUE_ARRAY,
        [json_type_string] = VALUE_TEXT,
    };
    return kinds[json_object_get_type(value)];
}

struct json_object *value_get(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;
    if (value_kind(object) == VALUE_OBJECT)
        (void)json_object_object_get_ex(object, key, &value);
    return value;
}

size_t value_count(struct json_object *array)
{
    return value_kind(array) == VALUE_ARRAY ? json_object_array_length(array) : 0;
}

struct json_object *value_at(struct json_object *array, size_t index)
{
    return index < value_count(array) ? json_object_array_get_idx(array, index) : NULL;
}

struct str value_text(struct json_object *text)
{
    if (value_kind(text) != VALUE_TEXT)
        return STR_NONE;
    return (struct str){json_object_get_string(text), (size_t)json_object_get_string_len(text)};
}

bool value_true(struct json_object *value)
{
    return value_kind(value) == VALUE_BOOL ? json_object_get_boolean(value) : str_eq(value_text(value), STR("true"));
}

// A number as it is printed.
static struct str digits_of(struct json_object *value)
{
    struct str digits = str_from(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
    // The mark of ingest/mend.h.
    if (digits.n && digits.p[digits.n - 1] == '.')
        digits.n--;
    return digits;
}

double value_double(struct json_object *value, double fallback)
{
    if (value_kind(value) == VALUE_NUMBER)
        return json_object_get_double(value);
    struct str text = value_text(value);
    if (text.n == 0 || text.n > 40)
        return fallback;
    char *end;
    double number = strtod(text.p, &end);
    return end == text.p + text.n && isfinite(number) ? number : fallback;
}

int64_t value_i64(struct json_object *value, int64_t fallback)
{
    int64_t whole;
    if (json_object_get_type(value) == json_type_int)
        return json_object_get_int64(value);
    if (str_to_i64(value_text(value), &whole) == 0 ||
        (value_kind(value) == VALUE_NUMBER && str_to_i64(digits_of(value), &whole) == 0))
        return whole;
    double number = value_double(value, NAN);
    // Below 2^63, which no double but it is equal to.
    if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0) || number != floor(number))
        return fallback;
    return (int64_t)number;
}

void value_each(struct json_object *object, bool (*visit)(void *context, struct str key, struct json_object *value),
                void *context)
{
    if (value_kind(object) != VALUE_OBJECT)
        return;
    json_object_object_foreach(object, key, value)
    {
        if (!visit(context, str_from(key), value))
            return;
    }
}

struct printing {
    struct buf *out;
    value_filter *filter;
    bool (*skip)(struct str key);
};

static void print_text(const struct printing *p, struct str text)
{
    struct buf filtered = {0};
    if (!p->filter) {
        jw_string(p->out, text);
        return;
    }
    p->filter(&filtered, text);
    jw_string(p->out, buf_view(&filtered));
    buf_fini(&filtered);
}

static void print(const struct printing *p, struct json_object *value);

static bool print_member(void *context, struct str key, struct json_object *value)
{
    const struct printing *p = context;
    if (p->skip && p->skip(key))
        return true;
    print_text(p, key);
    buf_char(p->out, ':');
    print(p, value);
    return true;
}

static void print(const struct printing *p, struct json_object *value)
{
    switch (value_kind(value)) {
    case VALUE_NONE:
        jw_raw(p->out, STR("null"));
        break;
    case VALUE_BOOL:
        jw_bool(p->out, json_object_get_boolean(value));
        break;
    case VALUE_NUMBER:
        jw_raw(p->out, digits_of(value));
        break;
    case VALUE_TEXT:
        print_text(p, value_text(value));
        break;
    case VALUE_ARRAY:
        jw_open(p->out, '[');
        for (size_t i = 0; i < value_count(value); i++)
            print(p, value_at(value, i));
        jw_close(p->out, ']');
        break;
    case VALUE_OBJECT:
        jw_open(p->out, '{');
        {
            struct printing members = *p;
            value_each(value, print_member, &members);
        }
        jw_close(p->out, '}');
        break;
    }
}

void value_print(struct buf *out, struct json_object *value, value_filter *filter, bool (*skip)(struct str key))
{
    struct printing p = {out, filter, skip};
    print(&p, value);
}
