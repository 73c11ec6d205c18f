// SPDX-License-Identifier: Apache-2.0
// The one door to json-c: reading what clients sent, one item at a time, and printing values again. jansson, which
// reads the API's own bodies, refuses what half of the published clients send (half surrogates, NaN), and both
// libraries export json_object_get and json_object_iter_next: neither is called here, since a program may link both
// (each library finds its own by the version of the symbol).
//
// Strings of a tree are always well-formed UTF-8 without NUL, and numbers print digit for digit as they came.
#ifndef INGEST_VALUE_H
#define INGEST_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

struct json_object; // json-c's

enum value_kind { VALUE_NONE, VALUE_BOOL, VALUE_NUMBER, VALUE_TEXT, VALUE_ARRAY, VALUE_OBJECT };

// What one item's tree may take. The costs of its parts are roughly json-c 0.16's, and never less.
enum {
    VALUE_COST_MAX = 24 * 1024 * 1024,
    VALUE_COST_OBJECT = 900, // a table of 16 slots from the beginning on
    VALUE_COST_ARRAY = 400,  // room for 32 elements
    VALUE_COST_SCALAR = 160  // with its place in what holds it
};

// The tree of `text`, which the caller frees. NULL: no JSON, nested too deeply, too costly, or just null. `replaced`
// grows by what had to be replaced (ingest/mend.h).
MUST_USE struct json_object *value_read(struct str text, int64_t *replaced);
void value_free(struct json_object *value);

// Values of our own making, to be put into a tree. value_new_text() replaces what is no text.
struct json_object *value_new_object(void);
struct json_object *value_new_array(void);
struct json_object *value_new_text(struct str text);
struct json_object *value_new_i64(int64_t value);
struct json_object *value_new_bool(bool value);
// NaN and the infinities are null, which json-c spells NULL.
struct json_object *value_new_double(double value);
// Both take the value. A second member of a name replaces the first.
void value_put(struct json_object *object, struct str key, struct json_object *value);
void value_add(struct json_object *array, struct json_object *value);

// Looking: NULL, and values of another kind, are taken for absent everywhere.
enum value_kind value_kind(struct json_object *value);
struct json_object *value_get(struct json_object *object, const char *key);
size_t value_count(struct json_object *array);
struct json_object *value_at(struct json_object *array, size_t index);
struct str value_text(struct json_object *text);
bool value_true(struct json_object *value);
// A whole number, also one written as a text or with a fraction of zero; `fallback` for anything else.
int64_t value_i64(struct json_object *value, int64_t fallback);
double value_double(struct json_object *value, double fallback);
// Calls `visit` for the members in their order until it returns false.
void value_each(struct json_object *object, bool (*visit)(void *context, struct str key, struct json_object *value),
                void *context);

// What value_print() does to a string on its way: appends it, changed or not, to `out`. NULL: nothing.
typedef void value_filter(struct buf *out, struct str text);

// Appends the value, compactly. Members whose key `skip` knows are left out (NULL: none).
void value_print(struct buf *out, struct json_object *value, value_filter *filter, bool (*skip)(struct str key));

#endif
