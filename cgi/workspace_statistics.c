// SPDX-License-Identifier: Apache-2.0
// The statistics of a workspace: how many sessions, how long, how many failed, what they cost; by time and by what
// they are of. A caller is told of what he may read.
#include "cgi/workspace_routes.h"

#include <string.h>
#include "base/clock.h"
#include "base/jw.h"
#include "cgi/problem.h"
#include "cgi/query.h"
#include "cgi/reply.h"
#include "store/statistics.h"

static const int64_t HOUR_US = INT64_C(3600000000), DAY_US = INT64_C(86400000000);
// Days of other time zones than UTC are summed from their hours.
enum { DEFAULT_DAYS = 7, LIMIT_MAX = 800, ZONE_DAYS_MAX = 32 };

static const struct grouping {
    struct str name;
    bool of_parts; // of what sessions consist of: steps and errors
    int64_t days_max;
    int64_t limit; // of rows, by default
} groupings[] = {
    {{"day", 3}, false, 400, LIMIT_MAX}, {{"hour", 4}, false, 32, LIMIT_MAX}, {{"persona", 7}, false, 400, 100},
    {{"stream", 6}, false, 400, 100},    {{"model", 5}, false, 400, 100},     {{"tool", 4}, true, 400, 100},
    {{"error", 5}, true, 400, 100},      {{"call", 4}, true, 400, 100},
};

// By days, where nothing is said; NULL: it is none that there is.
static const struct grouping *find_grouping(struct str by)
{
    for (size_t i = 0; i < sizeof groupings / sizeof groupings[0]; i++)
        if (str_eq(groupings[i].name, by))
            return &groupings[i];
    return by.n ? NULL : &groupings[0];
}

struct span {
    int64_t from_us, to_us; // whole hours
};

// Whole hours, of which the last one may not be over yet.
static int read_span(struct request *r, const struct grouping *grouping, struct span *span)
{
    int status;
    if ((status = query_time(r, "to", clock_wall_us(), &span->to_us)) ||
        (status = query_time(r, "from", span->to_us - DEFAULT_DAYS * DAY_US, &span->from_us)))
        return status;
    span->from_us -= ((span->from_us % HOUR_US) + HOUR_US) % HOUR_US;
    span->to_us += (HOUR_US - ((span->to_us % HOUR_US) + HOUR_US) % HOUR_US) % HOUR_US;
    if (span->from_us >= span->to_us)
        return problem_query(r, "from", "must be before to");
    if (span->to_us - span->from_us > grouping->days_max * DAY_US + HOUR_US)
        return problem_query(r, "from", "is too long before to");
    return 0;
}

static int read_query(struct request *r, const struct grouping *grouping, struct store_statistics_query *query,
                      struct span *span)
{
    struct str persona, stream;
    int64_t limit;
    int status;
    if ((status = read_span(r, grouping, span)) || (status = query_id(r, "persona", "per", &persona)) ||
        (status = query_id(r, "stream", "str", &stream)) || (status = query_text(r, "model", &query->model)) ||
        (status = query_text(r, "timeZone", &query->time_zone)) ||
        (status = query_i64(r, "limit", 1, LIMIT_MAX, grouping->limit, &limit)))
        return status;
    if (query->time_zone && strcmp(query->time_zone, "UTC") != 0 &&
        span->to_us - span->from_us > ZONE_DAYS_MAX * DAY_US)
        return problem_query(r, "timeZone", "must be UTC for so long a time");
    if (grouping->of_parts && query->model)
        return problem_query(r, "model", "does not go with by=tool, by=error and by=call");
    query->by = request_keep(r, grouping->name);
    query->from_us = request_keep_i64(r, span->from_us);
    query->to_us = request_keep_i64(r, span->to_us);
    query->time_zone = query->time_zone ? query->time_zone : "UTC";
    query->persona = request_keep(r, persona);
    query->stream = request_keep(r, stream);
    query->limit = request_keep_i64(r, limit);
    return 0;
}

static void member_time(struct buf *out, const char *key, int64_t us)
{
    jw_key(out, key);
    buf_char(out, '"');
    clock_print(out, us);
    buf_char(out, '"');
}

static int get(struct request *r)
{
    struct store_statistics_query query = {0};
    const struct grouping *grouping = find_grouping(request_query(r, "by"));
    struct span span;
    if (!grouping)
        return problem_query(r, "by", "must be day, hour, persona, stream, model, tool, error or call");
    int status = read_query(r, grouping, &query, &span);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer = grouping->of_parts ? store_statistics_parts(r->worker->reader, &caller, &query)
                                                    : store_statistics_sessions(r->worker->reader, &caller, &query);
    status = answer.outcome == STORE_MISFIT ? problem_query(r, "timeZone", "must be the name of a time zone")
                                            : reply_refusal(r, answer.outcome);
    if (!status) {
        status = 200;
        jw_open(&r->out, '{');
        member_time(&r->out, "from", span.from_us);
        member_time(&r->out, "to", span.to_us);
        jw_member(&r->out, "by", grouping->name);
        if (!grouping->of_parts)
            jw_member(&r->out, "timeZone", str_from(query.time_zone));
        buf_char(&r->out, ',');
        buf_str(&r->out, store_answer_body(&answer));
        jw_close(&r->out, '}');
    }
    store_answer_fini(&answer);
    return status;
}

const struct route statistics_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/statistics", AUTH_KNOWN, BODY_NONE, get},
    {0},
};
