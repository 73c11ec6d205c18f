// SPDX-License-Identifier: Apache-2.0
// The readers that every endpoint's body goes through, each on each field: either a problem that names the field, or a
// value that is what was asked for.
#include "cgi/body.h"
#include "base/id.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

enum { LEAST = 1, MOST = 40 };

static void check_problem(struct request *r, int status, const char *field)
{
    json_t *said = json_loadb(r->out.p, r->out.n, 0, NULL);
    const char *named = json_string_value(json_object_get(said, "field"));
    assert(status == 400 && r->is_problem && named && strcmp(named, field) == 0);
    json_decref(said);
    r->is_problem = false;
}

static void check_texts(struct request *r, const char *field)
{
    struct str text, id;
    int status = body_text(r, r->body, field, REQUIRED, LEAST, MOST, &text);
    if (status)
        check_problem(r, status, field);
    else
        assert(text.n >= LEAST && text.n <= MOST && utf8_valid(text) && !memchr(text.p, '\0', text.n));
    status = body_id(r, r->body, field, "msg", OPTIONAL, &id);
    if (status)
        check_problem(r, status, field);
    else
        assert(!id.p || id_valid(id, "msg"));
}

static void check_numbers(struct request *r, const char *field, const json_t *value)
{
    int64_t n = -1;
    bool flag = false;
    int status = body_i64(r, r->body, field, REQUIRED, 0, MOST, &n);
    if (status)
        check_problem(r, status, field);
    else
        assert(json_is_number(value) && n >= 0 && n <= MOST && json_number_value(value) == (double)n);
    status = body_bool(r, r->body, field, &flag);
    if (status)
        check_problem(r, status, field);
    else
        assert(flag == json_is_true(value));
}

static void check_object(struct request *r, const char *field)
{
    struct str printed;
    int status = body_object(r, r->body, field, OPTIONAL, MOST, &printed);
    if (status) {
        check_problem(r, status, field);
    } else if (printed.p) {
        json_t *object = json_loadb(printed.p, printed.n, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
        assert(json_is_object(object) && printed.n <= MOST);
        json_decref(object);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request r = {0};
    const char *key;
    json_t *value;

    if (body_parse(&r, (struct str){(const char *)data, size}, &r.body) == 0) {
        json_object_foreach(r.body, key, value)
        {
            // Names of our own fields, which problems quote, are plain.
            if (strpbrk(key, "\"\\"))
                continue;
            check_texts(&r, key);
            check_numbers(&r, key, value);
            check_object(&r, key);
        }
    }
    request_fini(&r);
    return 0;
}
