// SPDX-License-Identifier: Apache-2.0
#include "cgi/request.h"

#include <stdlib.h>

void request_reset(struct request *r)
{
    for (int i = 0; i < r->kept_n; i++)
        free(r->kept[i]);
    json_decref(r->body);
    buf_fini(&r->large_body);
    struct worker *worker = r->worker;
    struct buf out = r->out, headers = r->headers;
    char **kept = r->kept;
    buf_clear(&out);
    buf_clear(&headers);
    *r = (struct request){.worker = worker, .out = out, .headers = headers, .kept = kept};
}

// The array grows at powers of two, so its capacity need not be kept.
void request_fini(struct request *r)
{
    request_reset(r);
    buf_fini(&r->out);
    buf_fini(&r->headers);
    free(r->kept);
    r->kept = NULL;
}

void request_take(struct request *r, char *memory)
{
    if ((r->kept_n & (r->kept_n - 1)) == 0)
        r->kept = mem_grow(r->kept, (r->kept_n ? 2 * (size_t)r->kept_n : 1) * sizeof r->kept[0]);
    r->kept[r->kept_n++] = memory;
}

const char *request_keep(struct request *r, struct str text)
{
    if (!text.p)
        return NULL;
    char *copy = mem_dup(text);
    request_take(r, copy);
    return copy;
}

const char *request_keep_i64(struct request *r, int64_t value)
{
    struct buf digits = {0};
    buf_i64(&digits, value);
    (void)buf_cstr(&digits);
    request_take(r, digits.p);
    return digits.p;
}

struct str request_query(const struct request *r, const char *name)
{
    struct str wanted = str_from(name);
    for (int i = 0; i < r->queries; i++)
        if (str_eq(r->query[i].name, wanted))
            return r->query[i].value;
    return STR_NONE;
}

struct str request_query_last(const struct request *r, const char *name)
{
    struct str wanted = str_from(name);
    for (int i = r->queries; i-- > 0;)
        if (str_eq(r->query[i].name, wanted))
            return r->query[i].value;
    return STR_NONE;
}

void request_header(struct request *r, const char *name, struct str value)
{
    buf_str(&r->headers, str_from(name));
    buf_lit(&r->headers, ": ");
    buf_str(&r->headers, value);
    buf_lit(&r->headers, "\r\n");
}
