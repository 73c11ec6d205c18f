// SPDX-License-Identifier: Apache-2.0
#include "cgi/problem.h"

#include <assert.h>
#include "cgi/status.h"
#include "base/jw.h"

// RFC 9457: `type` is absent (about:blank), so `title` is the status's own phrase; `code` is ours and stable.
int problem_with(struct request *r, int status, const char *code, const char *detail, const char *member,
                 struct str value)
{
    buf_clear(&r->out);
    jw_open(&r->out, '{');
    jw_member(&r->out, "title", str_from(status_phrase(status)));
    jw_member_i64(&r->out, "status", status);
    jw_member(&r->out, "detail", str_from(detail));
    jw_member(&r->out, "code", str_from(code));
    if (member)
        jw_member(&r->out, member, value);
    jw_close(&r->out, '}');
    r->is_problem = true;
    return status;
}

int problem_add_i64(struct request *r, int status, const char *member, int64_t value)
{
    assert(r->is_problem && r->out.n > 0);
    r->out.n--;
    jw_member_i64(&r->out, member, value);
    jw_close(&r->out, '}');
    return status;
}

int problem(struct request *r, int status, const char *code, const char *detail)
{
    return problem_with(r, status, code, detail, NULL, STR_NONE);
}

static int unauthenticated(struct request *r, const char *detail)
{
    request_header(r, "WWW-Authenticate", STR("Bearer"));
    return problem(r, 401, "unauthenticated", detail);
}

int problem_unauthenticated(struct request *r)
{
    return unauthenticated(r, "Sign in, or send a valid token.");
}

int problem_wrong_credential(struct request *r)
{
    return unauthenticated(r, r->is_program ? "This is for people who have signed in: a token does not do here."
                                            : "This is for programs: send a token.");
}

int problem_not_found(struct request *r)
{
    return problem(r, 404, "not_found", "This does not exist, or you may not see it.");
}

int problem_forbidden(struct request *r, const char *scope)
{
    return problem_with(r, 403, "insufficient_scope", "The token lacks a scope that this call needs.", "scope",
                        str_from(scope));
}

int problem_database(struct request *r)
{
    request_header(r, "Retry-After", STR("1"));
    return problem(r, 503, "database_unavailable",
                   "The database cannot be reached. Repeat the call with the same ids.");
}

int problem_internal(struct request *r)
{
    return problem(r, 500, "internal_error",
                   "The server failed. A write is whole or absent: repeat it with the same id.");
}

static int field_problem(struct request *r, const char *code, const char *field, const char *what)
{
    struct buf detail = {0};
    buf_printf(&detail, "%s %s.", field, what);
    int status = problem_with(r, 400, code, buf_cstr(&detail), "field", str_from(field));
    buf_fini(&detail);
    return status;
}

int problem_body(struct request *r, const char *field, const char *what)
{
    return field_problem(r, "invalid_body", field, what);
}

int problem_query(struct request *r, const char *field, const char *what)
{
    return field_problem(r, "invalid_query", field, what);
}

int problem_too_often(struct request *r, int64_t wait_s)
{
    struct buf seconds = {0};
    buf_i64(&seconds, wait_s);
    request_header(r, "Retry-After", buf_view(&seconds));
    buf_fini(&seconds);
    return problem(r, 429, "too_many_attempts", "Too many failed attempts. Try again later.");
}
