// SPDX-License-Identifier: Apache-2.0
// Reading typed parameters of the query, as cgi/body.h reads fields of the body: each reader returns 0 and the value,
// or the status of the problem (invalid_query) that it has written. The values live as long as the request.
#ifndef CGI_QUERY_H
#define CGI_QUERY_H

#include "cgi/request.h"

// A whole number from `least` to `most`; `fallback` if the parameter is absent.
MUST_USE int query_i64(struct request *r, const char *name, int64_t least, int64_t most, int64_t fallback,
                       int64_t *value);

// A text to search for, of at most 500 characters; STR_NONE (or NULL) if the parameter is absent or empty.
MUST_USE int query_str(struct request *r, const char *name, struct str *text);
MUST_USE int query_text(struct request *r, const char *name, const char **text);

// An id with that prefix; STR_NONE if the parameter is absent.
MUST_USE int query_id(struct request *r, const char *name, const char *prefix, struct str *id);

// A time of RFC 3339, in microseconds since 1970; `fallback` if the parameter is absent or empty.
MUST_USE int query_time(struct request *r, const char *name, int64_t fallback, int64_t *wall_us);

#endif
