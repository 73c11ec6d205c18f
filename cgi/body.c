#include "cgi/body.h"

#include <stdlib.h>
#include "cgi/slice.h"
#include "lib/id.h"
#include "lib/jw.h"

enum { DEPTH_MAX = 64, VALUES_MAX = 200000 };

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
    if (slice_is_excessive(raw, DEPTH_MAX, VALUES_MAX))
        return problem(r, 400, "invalid_body", "The body is nested too deeply or has too many values.");
    json_error_t error;
    // jansson 2.14 passes over a NUL behind a number, and what is sliced out of the text would end there.
    bool has_nul = memchr(raw.p, '\0', raw.n) != NULL;
    json_t *parsed = has_nul ? NULL : json_loadb(raw.p, raw.n, JSON_REJECT_DUPLICATES, &error);
    // Content is kept as it was written, so a whole number there may be of any size: a tool's ids are not ours to
    // bound.
    if (!parsed && !has_nul && json_error_code(&error) == json_error_numeric_overflow)
        parsed = json_loadb(raw.p, raw.n, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
    if (!json_is_object(parsed)) {
        json_decref(parsed);
        return problem(r, 400, "invalid_body",
                       "The body must be one JSON object in UTF-8, without duplicate keys or NUL.");
    }
    *object = parsed;
    return 0;
}

// The field's value, or NULL if it is absent or null; *status is 0 or a problem for an absent REQUIRED one.
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
    if (json_string_length(found) > most)
        return problem_body(r, field, "is too long");
    *value = text_of(found);
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

static struct str print_object(struct request *r, const json_t *value, const char *field)
{
    struct buf printed = {0};
    struct str raw = slice_member(r->parsed, str_from(field));
    if (raw.p) {
        slice_compact(&printed, raw);
        return keep_built(r, &printed);
    }
    // The key was written with escapes: rare enough to print the tree.
    char *dumped = json_dumps(value, JSON_COMPACT);
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
    *printed = print_object(r, found, field);
    return printed->n > most ? problem_body(r, field, "is too long") : 0;
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
        *printed = print_object(r, found, field);
        *length = (int64_t)printed->n;
    } else {
        return problem_body(r, field, "must be a string or an object");
    }
    return *length > (int64_t)most ? problem_body(r, field, "is too long") : 0;
}
