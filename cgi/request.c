#include "cgi/request.h"

#include <stdlib.h>

void request_reset(struct request *r)
{
    for (int i = 0; i < r->kept_n; i++)
        free(r->kept[i]);
    json_decref(r->body);
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

int request_query_i64(struct request *r, const char *name, int64_t least, int64_t most, int64_t fallback,
                      int64_t *value)
{
    struct str text = request_query(r, name);
    *value = fallback;
    if (!text.p)
        return 0;
    if (str_to_i64(text, value) || *value < least || *value > most)
        return problem_query(r, name, "must be a whole number within its limits");
    return 0;
}

int request_query_text(struct request *r, const char *name, const char **text)
{
    enum { CHARACTERS_MAX = 500 };
    struct str value = request_query(r, name);
    size_t characters = 0;
    for (size_t i = 0; i < value.n; i++)
        characters += ((unsigned char)value.p[i] & 0xC0) != 0x80;
    if (characters > CHARACTERS_MAX)
        return problem_query(r, name, "has more than 500 characters");
    *text = value.n ? request_keep(r, value) : NULL;
    return 0;
}

void request_header(struct request *r, const char *name, struct str value)
{
    buf_str(&r->headers, str_from(name));
    buf_lit(&r->headers, ": ");
    buf_str(&r->headers, value);
    buf_lit(&r->headers, "\r\n");
}
