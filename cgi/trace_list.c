// The sessions of a workspace.
#include "cgi/trace.h"
#include "lib/id.h"
#include "lib/jw.h"
#include "lib/store_session_list.h"

static const struct status_name {
    struct str name;
    bool is_active;
} statuses[] = {
    {{"pending", 7}, true}, {{"running", 7}, true},    {{"completed", 9}, false},
    {{"failed", 6}, false}, {{"cancelled", 9}, false},
};

static int read_statuses(struct request *r, struct store_list_query *query)
{
    struct str rest = request_query(r, "status");
    if (!rest.n)
        return 0;
    query->statuses = request_keep(r, rest);
    query->only_active = true;
    while (rest.p) {
        struct str name = str_cut(&rest, ',');
        size_t i = 0, n = sizeof statuses / sizeof statuses[0];
        while (i < n && !str_eq(statuses[i].name, name))
            i++;
        if (i == n)
            return problem_query(r, "status", "must be a list of pending, running, completed, failed, cancelled");
        query->only_active = query->only_active && statuses[i].is_active;
    }
    return 0;
}

static int read_id(struct request *r, const char *name, const char *prefix, const char **id)
{
    struct str value = request_query(r, name);
    if (value.p && !id_valid(value, prefix))
        return problem_query(r, name, "must be an id of its kind");
    *id = request_keep(r, value);
    return 0;
}

// The last microsecond of year 9999.
static const int64_t TIME_MAX = INT64_C(253402300799999999);

// "microseconds.id" of the last session shown; clients take it as it is.
static int read_before(struct request *r, struct store_list_query *query)
{
    struct str id = request_query(r, "before");
    if (!id.p)
        return 0;
    int64_t time;
    struct str digits = str_cut(&id, '.');
    if (str_to_i64(digits, &time) || time > TIME_MAX || !id.p || !id_valid(id, "ses"))
        return problem_query(r, "before", "must be a nextBefore of an earlier reply");
    query->before_time = request_keep(r, digits);
    query->before_id = request_keep(r, id);
    return 0;
}

static void print_list(struct request *r, const PGresult *rows, int64_t limit)
{
    int n = pg_is_null(rows, 0, LIST_ID) ? 0 : PQntuples(rows);
    int shown = n > limit ? (int)limit : n;
    jw_open(&r->out, '{');
    jw_key(&r->out, "sessions");
    jw_open(&r->out, '[');
    for (int i = 0; i < shown; i++)
        jw_raw(&r->out, pg_str(rows, i, LIST_SESSION));
    jw_close(&r->out, ']');
    if (n > shown) {
        jw_key(&r->out, "nextBefore");
        buf_char(&r->out, '"');
        buf_i64(&r->out, pg_time(rows, shown - 1, LIST_CREATED));
        buf_char(&r->out, '.');
        buf_str(&r->out, pg_str(rows, shown - 1, LIST_ID));
        buf_char(&r->out, '"');
    }
    jw_close(&r->out, '}');
}

static int list(struct request *r)
{
    struct store_list_query query = {0};
    int64_t limit;
    int status;
    if ((status = read_statuses(r, &query)) || (status = read_id(r, "streamId", "str", &query.stream)) ||
        (status = read_id(r, "personaId", "per", &query.persona)) || (status = read_before(r, &query)) ||
        (status = request_query_text(r, "q", &query.text)) ||
        (status = request_query_i64(r, "limit", 1, 500, 50, &limit)))
        return status;
    query.limit = request_keep_i64(r, limit + 1);
    struct caller caller = caller_of(r);
    struct answer answer = store_session_list(r->worker->pg, &caller, &query);
    status = answer.code == 200 ? 200 : problem_refusal(r, answer.code, "read");
    if (status == 200)
        print_list(r, answer.rows, limit);
    answer_fini(&answer);
    return status;
}

const struct route trace_list_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/agent-sessions", WHO_KNOWN, BODY_NONE, list},
    {0},
};
