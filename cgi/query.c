// SPDX-License-Identifier: Apache-2.0
#include "cgi/query.h"

#include "cgi/problem.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/utf8.h"

enum { TEXT_MAX_CHARACTERS = 500 };

int query_i64(struct request *r, const char *name, int64_t least, int64_t most, int64_t fallback, int64_t *value)
{
    struct str text = request_query(r, name);
    *value = fallback;
    if (!text.p)
        return 0;
    if (str_to_i64(text, value) || *value < least || *value > most)
        return problem_query(r, name, "must be a whole number within its limits");
    return 0;
}

int query_str(struct request *r, const char *name, struct str *text)
{
    struct str value = request_query(r, name);
    if (utf8_length(value) > TEXT_MAX_CHARACTERS)
        return problem_query(r, name, "has more than 500 characters");
    *text = value.n ? value : STR_NONE;
    return 0;
}

int query_text(struct request *r, const char *name, const char **text)
{
    struct str value = STR_NONE;
    int status = query_str(r, name, &value);
    *text = request_keep(r, value);
    return status;
}

int query_id(struct request *r, const char *name, const char *prefix, struct str *id)
{
    *id = request_query(r, name);
    if (id->p && !id_valid(*id, prefix))
        return problem_query(r, name, "must be an id of its kind");
    return 0;
}

int query_time(struct request *r, const char *name, int64_t fallback, int64_t *wall_us)
{
    struct str text = request_query(r, name);
    *wall_us = fallback;
    if (text.n && clock_parse(text, wall_us))
        return problem_query(r, name, "must be a time of RFC 3339");
    return 0;
}
