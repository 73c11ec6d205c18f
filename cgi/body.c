// SPDX-License-Identifier: Apache-2.0
#include "cgi/body.h"

#include <stdlib.h>
#include "cgi/problem.h"
#include "cgi/slice.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/jw.h"
#include "base/utf8.h"

enum { DEPTH_MAX = 64, VALUES_MAX = 200000 };

// What jansson found, in words that say what to change: the first row whose code and beginning of the text fit.
static const struct fault {
    enum json_error_code code;
    const char *text, *detail;
} faults[] = {
    {json_error_numeric_overflow, "", "A number is too large: it must be below 1.8e308, and may be a string."},
    {json_error_invalid_utf8, "", "The body is not UTF-8."},
    {json_error_null_character, "", "A string has the character NUL."},
    {json_error_null_byte_in_key, "", "A key has the character NUL."},
    {json_error_duplicate_key, "", "An object has a key twice."},
    {json_error_premature_end_of_input, "", "The JSON is not finished."},
    {json_error_end_of_input_expected, "", "Something follows the JSON object."},
    {json_error_invalid_syntax, "invalid Unicode", "A string has half of a surrogate pair, or an escape that is none."},
    {json_error_invalid_syntax, "'[' or '{' expected", "The body must be a JSON object."},
};

static const char *detail_of(const json_error_t *error)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (faults[i].code == json_error_code(error) &&
            strncmp(error->text, faults[i].text, strlen(faults[i].text)) == 0)
            return faults[i].detail;
    return "The body is not JSON.";
}

// 400 with the field of the object and the byte of `raw` at which it shows.
static int fault(struct request *r, struct str raw, const char *detail, size_t offset)
{
    int status = problem_with(r, 400, "invalid_body", detail, "field", slice_key_at(raw, offset));
    return problem_add_i64(r, status, "offset", (int64_t)offset);
}

// Content is kept as it was written, so a whole number in it may have any size: the ids of other people's tools are not
// ours to limit.
json_t *body_read(struct str json, size_t flags, json_error_t *error)
{
    json_error_t own = {0};
    error = error ? error : &own;
    json_t *value = json_loadb(json.p, json.n, flags, error);
    if (!value && json_error_code(error) == json_error_numeric_overflow)
        value = json_loadb(json.p, json.n, flags | JSON_DECODE_INT_AS_REAL, error);
    return value;
}

bool body_is_excessive(struct str raw)
{
    return slice_is_excessive(raw, DEPTH_MAX, VALUES_MAX);
}

int body_parse(struct request *r, struct str raw, json_t **object)
{
    *object = NULL;
    r->parsed = raw;
    bool is_blank = true;
    for (size_t i = 0; i < raw.n && is_blank; i++)
        is_blank = strchr(" \t\r\n", raw.p[i]) && raw.p[i];
    if (is_blank) {
        *object = json_object();
        return *object ? 0 : (abort(), -1);
    }
    if (body_is_excessive(raw))
        return problem(r, 400, "invalid_body", "The body is nested too deeply or has too many values.");
    json_error_t error;
    // jansson 2.14 ignores a NUL behind a number, but text that is sliced out of the body would end there.
    const char *nul = memchr(raw.p, '\0', raw.n);
    if (nul)
        return fault(r, raw, "The body has a byte of value 0.", (size_t)(nul - raw.p));
    json_t *parsed = body_read(raw, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(parsed)) {
        bool is_json = parsed != NULL;
        json_decref(parsed);
        return is_json ? problem(r, 400, "invalid_body", "The body must be a JSON object.")
                       : fault(r, raw, detail_of(&error), (size_t)error.position);
    }
    *object = parsed;
    return 0;
}

// Returns the field's value, or NULL if it is absent or null. *status is 0, or the status of the problem if the field
// is REQUIRED and absent.
static json_t *field_value(struct request *r, json_t *object, const char *field, enum presence presence, int *status)
{
    json_t *value = json_object_get(object, field);
    bool is_absent = !value || json_is_null(value);
    *status = is_absent && presence == REQUIRED ? problem_body(r, field, "is missing") : 0;
    return is_absent ? NULL : value;
}

static struct str text_of(const json_t *string)
{
    return (struct str){json_string_value(string), json_string_length(string)};
}

int body_text(struct request *r, json_t *object, const char *field, enum presence presence, size_t least, size_t most,
              struct str *value)
{
    int status;
    json_t *found = field_value(r, object, field, presence, &status);
    *value = STR_NONE;
    if (!found)
        return status;
    if (!json_is_string(found))
        return problem_body(r, field, "must be a string");
    if (json_string_length(found) < least)
        return problem_body(r, field, least == 1 ? "must not be empty" : "is too short");
    *value = text_of(found);
    // It was within its bounds when it came.
    if (value->n > most && r->is_redacted)
        *value = utf8_prefix(*value, most);
    if (value->n > most)
        return problem_body(r, field, "is too long");
    return 0;
}

int body_id(struct request *r, json_t *object, const char *field, const char *prefix, enum presence presence,
            struct str *value)
{
    int status = body_text(r, object, field, presence, 1, 64, value);
    if (status || !value->p)
        return status;
    return id_valid(*value, prefix) ? 0 : problem_body(r, field, "must be an id of its kind");
}

// JSON has one kind of number (RFC 8259, section 6): 5.0 is whole, as far as a double tells whole numbers apart.
static bool is_whole(const json_t *number, int64_t *n)
{
    if (json_is_integer(number)) {
        *n = json_integer_value(number);
        return true;
    }
    double real = json_real_value(number);
    if (!json_is_real(number) || !(real >= -9007199254740992.0 && real <= 9007199254740992.0))
        return false;
    *n = (int64_t)real;
    return (double)*n == real;
}

int body_i64(struct request *r, json_t *object, const char *field, enum presence presence, int64_t least, int64_t most,
             int64_t *value)
{
    int status;
    json_t *found = field_value(r, object, field, presence, &status);
    if (!found)
        return status;
    int64_t n;
    if (!is_whole(found, &n))
        return problem_body(r, field, "must be a whole number");
    if (n < least || n > most)
        return problem_body(r, field, "is out of its limits");
    *value = n;
    return 0;
}

int body_bool(struct request *r, json_t *object, const char *field, bool *value)
{
    int status;
    json_t *found = field_value(r, object, field, OPTIONAL, &status);
    if (!found)
        return status;
    if (!json_is_boolean(found))
        return problem_body(r, field, "must be true or false");
    *value = json_is_true(found);
    return 0;
}

// Moves what was built into the request's memory.
static struct str keep_built(struct request *r, struct buf *built)
{
    struct str text = {buf_cstr(built), built->n};
    request_take(r, built->p);
    *built = (struct buf){0};
    return text;
}

static struct str print_value(struct request *r, const json_t *value, const char *field)
{
    struct buf printed = {0};
    struct str raw = slice_member(r->parsed, str_from(field));
    if (raw.p) {
        slice_compact(&printed, raw);
        return keep_built(r, &printed);
    }
    // The key was written with escapes, which is rare enough to print the tree instead.
    char *dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!dumped)
        abort();
    request_take(r, dumped);
    return str_from(dumped);
}

int body_object(struct request *r, json_t *object, const char *field, enum presence presence, size_t most,
                struct str *printed)
{
    int status;
    json_t *found = field_value(r, object, field, presence, &status);
    *printed = STR_NONE;
    if (!found)
        return status;
    if (!json_is_object(found))
        return problem_body(r, field, "must be an object");
    *printed = print_value(r, found, field);
    return printed->n > most ? problem_body(r, field, "is too long") : 0;
}

int body_was(struct request *r, const char **seen)
{
    enum { WAS_MAX = 4096 };
    struct str printed;
    *seen = json_is_null(json_object_get(r->body, "was")) ? "null" : NULL;
    int status = body_object(r, r->body, "was", OPTIONAL, WAS_MAX, &printed);
    if (!status && printed.p)
        *seen = request_keep(r, printed);
    return status;
}

int body_time(struct request *r, json_t *object, const char *field, const char **us)
{
    struct str text;
    int64_t wall_us;
    *us = NULL;
    int status = body_text(r, object, field, OPTIONAL, 1, 64, &text);
    if (status || !text.p)
        return status;
    if (clock_parse(text, &wall_us))
        return problem_body(r, field, "is not a time of RFC 3339");
    *us = request_keep_i64(r, wall_us);
    return 0;
}

int body_json_value(struct request *r, json_t *object, const char *field, enum value_kind kind, size_t most,
                    const char **printed)
{
    int status;
    json_t *found = field_value(r, object, field, OPTIONAL, &status);
    *printed = NULL;
    if (!found)
        return status;
    if (kind == VALUE_OBJECT && !json_is_object(found))
        return problem_body(r, field, "must be an object");
    if (kind == VALUE_LIST && !json_is_array(found))
        return problem_body(r, field, "must be an array");
    struct str text = print_value(r, found, field);
    *printed = text.p;
    return text.n > most ? problem_body(r, field, "is too long") : 0;
}

int body_content(struct request *r, json_t *object, const char *field, size_t most, struct str *printed,
                 int64_t *length)
{
    int status;
    json_t *found = field_value(r, object, field, OPTIONAL, &status);
    *printed = STR_NONE;
    *length = 0;
    if (!found)
        return status;
    if (json_is_string(found)) {
        struct buf text = {0};
        jw_string(&text, text_of(found));
        *printed = keep_built(r, &text);
        *length = (int64_t)json_string_length(found);
    } else if (json_is_object(found)) {
        *printed = print_value(r, found, field);
        *length = (int64_t)printed->n;
    } else {
        return problem_body(r, field, "must be a string or an object");
    }
    return *length > (int64_t)most ? problem_body(r, field, "is too long") : 0;
}
