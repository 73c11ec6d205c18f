// SPDX-License-Identifier: Apache-2.0
// Reading fields of a JSON body. Every reader answers 0 and the value, or the status of a problem it has written; a
// field that is absent (or null) leaves the value at its "absent" state. The views live as long as the request.
#ifndef CGI_BODY_H
#define CGI_BODY_H

#include "cgi/request.h"

enum presence { OPTIONAL, REQUIRED };

// Reads JSON as jansson does with these flags; if it has a whole number that fits no 64 bits, all numbers are reals.
// NULL: it is not JSON, which *error, unless it is NULL, tells more of.
json_t *body_read(struct str json, size_t flags, json_error_t *error);

// True if `raw`, JSON or not, is too deep or has too many values for a tree: it would take hundreds of times its bytes.
bool body_is_excessive(struct str raw);

// Parses `raw` into *object; strict: UTF-8, no NUL in strings, no duplicate keys, nesting at most 64, an object at the
// top. Absent or blank: an empty object. 0, or the status of the problem.
MUST_USE int body_parse(struct request *r, struct str raw, json_t **object);

// A text of `least` to `most` bytes of UTF-8.
MUST_USE int body_text(struct request *r, json_t *object, const char *field, enum presence, size_t least, size_t most,
                       struct str *value);
// An id with that prefix. A malformed one is 400 invalid_body.
MUST_USE int body_id(struct request *r, json_t *object, const char *field, const char *prefix, enum presence,
                     struct str *value);
MUST_USE int body_i64(struct request *r, json_t *object, const char *field, enum presence, int64_t least, int64_t most,
                      int64_t *value);
MUST_USE int body_bool(struct request *r, json_t *object, const char *field, bool *value);
// An object, printed compactly as the client wrote it (member order and numbers kept), at most `most` bytes.
MUST_USE int body_object(struct request *r, json_t *object, const char *field, enum presence, size_t most,
                         struct str *printed);
// What is to be changed, as the client has seen it: "null" if there was none; NULL: absent, the change does not depend
// on it.
MUST_USE int body_was(struct request *r, const char **seen);
// A time of RFC 3339, as microseconds since 1970 in decimal; NULL: absent.
MUST_USE int body_time(struct request *r, json_t *object, const char *field, const char **us);
// Any JSON value of the top level of the body, or only an object or a list; printed compactly as the client wrote it.
enum value_kind { VALUE_ANY, VALUE_OBJECT, VALUE_LIST };
MUST_USE int body_json_value(struct request *r, json_t *object, const char *field, enum value_kind kind, size_t most,
                             const char **printed);
// A string or an object (a step's content), printed canonically; *length is the UTF-8 bytes of a string's text, or of
// the printed object.
MUST_USE int body_content(struct request *r, json_t *object, const char *field, size_t most, struct str *printed,
                          int64_t *length);

#endif
