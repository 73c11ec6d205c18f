// SPDX-License-Identifier: Apache-2.0
// Error replies: RFC 9457, application/problem+json, with a stable `code` of ours. Each function writes the whole body
// and returns the status, so that a handler can return its value. What a store's outcome means as a problem is
// cgi/reply.h.
#ifndef CGI_PROBLEM_H
#define CGI_PROBLEM_H

#include "cgi/request.h"

// `detail` is a sentence for people and must not quote input.
int problem(struct request *r, int status, const char *code, const char *detail);
// The same with one further text member, for example "sessionStatus". A `value` that is STR_NONE leaves it out.
int problem_with(struct request *r, int status, const char *code, const char *detail, const char *member,
                 struct str value);
// Adds a member to the problem that was just written; returns `status`.
int problem_add_i64(struct request *r, int status, const char *member, int64_t value);

// The problems that every resource has.
int problem_unauthenticated(struct request *r);
int problem_wrong_credential(struct request *r); // a token where a person is needed, or the other way round
int problem_not_found(struct request *r);
int problem_forbidden(struct request *r, const char *scope);               // 403 insufficient_scope
int problem_database(struct request *r);                                   // 503 with Retry-After
int problem_internal(struct request *r);                                   // 500: a defect, and the log says which
int problem_too_often(struct request *r, int64_t wait_s);                  // 429 too_many_attempts, after failures
int problem_body(struct request *r, const char *field, const char *what);  // 400 invalid_body, with `field`
int problem_query(struct request *r, const char *field, const char *what); // 400 invalid_query, with `field`

#endif
