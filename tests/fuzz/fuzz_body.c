// SPDX-License-Identifier: Apache-2.0
// A body of JSON: what our slices find in its text is what jansson found in it, and what is printed of it is it again.
#include <string.h>
#include "cgi/body.h"
#include "cgi/slice.h"
#include "tests/fuzz/fuzz.h"

enum { CONTENT_MAX = 1 << 20 };

// How the body's numbers were read: one that is too great for an integer makes reals of all.
static size_t number_flags;

static json_t *read_value(struct str text)
{
    json_t *value = json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | number_flags, NULL);
    assert(value);
    return value;
}

static void learn_numbers(struct str body)
{
    json_t *value = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL);
    number_flags = value ? 0 : JSON_DECODE_INT_AS_REAL;
    json_decref(value);
}

static void check_same(struct str text, json_t *expected)
{
    json_t *value = read_value(text);
    assert(json_equal(value, expected));
    json_decref(value);
}

static void check_member(struct str body, const char *key, json_t *value)
{
    struct str raw = slice_member(body, str_from(key));
    struct buf compact = {0};
    // Our fields have none, so that no key with escapes is taken for them.
    if (strchr(key, '\\'))
        return;
    if (!raw.p) {
        // Only a key with escapes is not found.
        assert(memchr(body.p, '\\', body.n));
        return;
    }
    check_same(raw, value);
    slice_compact(&compact, raw);
    assert(compact.n <= raw.n);
    check_same(buf_view(&compact), value);
    buf_fini(&compact);
}

static void check_content(struct request *r, const char *key, json_t *value)
{
    struct str printed;
    int64_t length;
    bool is_content = json_is_string(value) || json_is_object(value);
    int status = body_content(r, r->body, key, CONTENT_MAX, &printed, &length);
    assert((status == 0) == (is_content || json_is_null(value)));
    if (status || !printed.p)
        return;
    check_same(printed, value);
    assert(length == (int64_t)(json_is_string(value) ? json_string_length(value) : printed.n));
    for (size_t i = 0; i < printed.n; i++)
        assert((unsigned char)printed.p[i] >= 0x20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request r = {0};
    struct str body = {(const char *)data, size};
    int status = body_parse(&r, body, &r.body);
    const char *key;
    json_t *value;

    assert(status == 0 || (status == 400 && r.is_problem && !r.body));
    learn_numbers(body);
    json_object_foreach(r.body, key, value)
    {
        check_member(body, key, value);
        check_content(&r, key, value);
    }
    request_fini(&r);
    return 0;
}
