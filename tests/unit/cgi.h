// SPDX-License-Identifier: Apache-2.0
// What the tests of the FastCGI frame share: a request without a worker, and an exchange that is an array of variables
// and a body.
#ifndef TESTS_UNIT_CGI_H
#define TESTS_UNIT_CGI_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "cgi/exchange.h"
#include "cgi/request.h"

struct fake_variable {
    const char *name, *value;
};

struct fake_exchange {
    struct exchange exchange; // first
    const struct fake_variable *variables;
    const char *body;
};

static inline const char *fake_variable(struct exchange *x, const char *name)
{
    for (const struct fake_variable *v = ((struct fake_exchange *)x)->variables; v->name; v++)
        if (strcmp(v->name, name) == 0)
            return v->value;
    return NULL;
}

static inline size_t fake_read(struct exchange *x, char *p, size_t most)
{
    const char *body = ((struct fake_exchange *)x)->body;
    size_t n = body ? strlen(body) : 0;
    n = n < most ? n : most;
    if (n)
        memcpy(p, body, n);
    return n;
}

static inline int fake_write(struct exchange *x, struct str reply)
{
    (void)x;
    (void)reply;
    return 0;
}

static inline int fake_send(struct exchange *x, struct str piece, int64_t until_ms)
{
    (void)until_ms;
    return fake_write(x, piece);
}

static inline void fake_cut(struct exchange *x)
{
    (void)x;
}

static const struct exchange_ops fake_ops = {fake_variable, fake_read, fake_write, fake_send, fake_cut};

#define assert_str(view, expected) assert_true(str_eq((view), str_from(expected)))
#define assert_holds(buf, part) assert_non_null(strstr(buf_cstr(buf), (part)))

#endif
