// SPDX-License-Identifier: Apache-2.0
#include "cgi/trace_list_query.h"

#include "base/clock.h"
#include "base/id.h"
#include "cgi/problem.h"
#include "cgi/query.h"

static const struct str statuses[] = {
    {"pending", 7}, {"running", 7}, {"completed", 9}, {"failed", 6}, {"cancelled", 9},
};
static const struct str sorts[] = {{"started", 7}, {"duration", 8}, {"tokens", 6}, {"cost", 4}};
static const struct str ratings[] = {{"up", 2}, {"down", 4}, {"any", 3}};
static const struct str orders[] = {{"desc", 4}, {"asc", 3}};
enum { ORDER_ASC = 1 };

// The index of `name` among `n` names, or n.
static size_t index_of(struct str name, const struct str *names, size_t n)
{
    size_t i = 0;
    while (i < n && !str_eq(names[i], name))
        i++;
    return i;
}

#define INDEX_OF(name, names) index_of(name, names, sizeof(names) / sizeof(names)[0])
#define IS_ONE_OF(name, names) (INDEX_OF(name, names) < sizeof(names) / sizeof(names)[0])

static int read_statuses(struct request *r, struct str *list)
{
    struct str rest = request_query(r, "status");
    if (!rest.n)
        return 0;
    *list = rest;
    while (rest.p)
        if (!IS_ONE_OF(str_cut(&rest, ','), statuses))
            return problem_query(r, "status", "must be a list of pending, running, completed, failed, cancelled");
    return 0;
}

static int read_time(struct request *r, const char *name, int64_t *us)
{
    struct str value = request_query(r, name);
    *us = LIST_ANY_TIME;
    if (value.n && clock_parse(value, us))
        return problem_query(r, name, "must be a time of RFC 3339");
    return 0;
}

static int read_rating(struct request *r, struct str *rating)
{
    struct str value = request_query(r, "rating");
    if (!value.n)
        return 0;
    *rating = value;
    return IS_ONE_OF(value, ratings) ? 0 : problem_query(r, "rating", "must be up, down or any");
}

static int read_filters(struct request *r, struct store_list_query *query)
{
    int status;
    if ((status = read_statuses(r, &query->statuses)) || (status = query_id(r, "streamId", "str", &query->stream)) ||
        (status = query_id(r, "personaId", "per", &query->persona)) ||
        (status = query_str(r, "model", &query->model)) || (status = query_str(r, "tag", &query->tag)) ||
        (status = query_str(r, "externalId", &query->external_id)) || (status = read_rating(r, &query->rating)) ||
        (status = read_time(r, "from", &query->from_us)) || (status = read_time(r, "to", &query->to_us)))
        return status;
    return query_str(r, "q", &query->text);
}

// Decimal digits, with a point among them where the key is a cost.
static bool is_key(struct str key, struct str sort)
{
    enum { KEY_MAX = 60 };
    int64_t whole;
    struct str rest = key, integer = str_cut(&rest, '.');
    if (str_to_i64(integer, &whole) || key.n > KEY_MAX)
        return false;
    for (size_t i = 0; rest.p && i < rest.n; i++)
        if (rest.p[i] < '0' || rest.p[i] > '9')
            return false;
    return !rest.p || (rest.n > 0 && str_eq(sort, STR("cost")));
}

// "sort~order~time of the first page~rank~key~id"; to clients it is opaque.
// The end of the year 9999: what PostgreSQL adds to it is still a time.
static const int64_t AT_MOST_US = INT64_C(253402300799999999);

static int read_cursor(struct request *r, struct store_list_query *query)
{
    struct str rest = request_query(r, "before");
    if (!rest.p)
        return 0;
    query->sort = str_cut(&rest, '~');
    size_t order = INDEX_OF(str_cut(&rest, '~'), orders);
    query->is_ascending = order == ORDER_ASC;
    struct str at = str_cut(&rest, '~'), rank = str_cut(&rest, '~');
    query->after_key = str_cut(&rest, '~');
    query->after_id = rest;
    if (!IS_ONE_OF(query->sort, sorts) || order > ORDER_ASC || str_to_i64(at, &query->at_us) || query->at_us < 0 ||
        query->at_us > AT_MOST_US || str_to_i64(rank, &query->after_rank) || query->after_rank < 0 ||
        query->after_rank > 1 || !is_key(query->after_key, query->sort) || !rest.p || !id_valid(rest, "ses"))
        return problem_query(r, "before", "must be a nextBefore of an earlier reply");
    return 0;
}

// The order of a further page is its cursor's.
static int read_order(struct request *r, struct store_list_query *query)
{
    struct str sort = request_query(r, "sort"), order = request_query(r, "order");
    if (sort.n && !IS_ONE_OF(sort, sorts))
        return problem_query(r, "sort", "must be started, duration, tokens or cost");
    if (order.n && !IS_ONE_OF(order, orders))
        return problem_query(r, "order", "must be asc or desc");
    if (!query->after_id.p) {
        query->sort = sort.n ? sort : sorts[0];
        query->is_ascending = order.n && str_eq(order, orders[ORDER_ASC]);
        query->at_us = clock_wall_us();
    }
    if ((sort.n && !str_eq(sort, query->sort)) || (order.n && str_eq(order, orders[ORDER_ASC]) != query->is_ascending))
        return problem_query(r, "before", "belongs to a list in another order");
    if (query->text.n && !str_eq(query->sort, sorts[0]))
        return problem_query(r, "sort", "must be started where a text is looked for");
    return 0;
}

int trace_list_query_read(struct request *r, struct store_list_query *query)
{
    int status;
    struct str count = request_query(r, "count");
    *query = (struct store_list_query){0};
    if ((status = read_filters(r, query)) || (status = read_cursor(r, query)) || (status = read_order(r, query)) ||
        (status = query_i64(r, "limit", 1, 500, 50, &query->limit)))
        return status;
    query->counts = str_eq(count, STR("true"));
    if (count.n && !query->counts && !str_eq(count, STR("false")))
        return problem_query(r, "count", "must be true or false");
    return 0;
}

void trace_list_query_print_cursor(struct buf *out, const struct store_list_query *query,
                                   const struct store_list_item *item)
{
    buf_str(out, query->sort);
    buf_char(out, '~');
    buf_str(out, orders[query->is_ascending ? ORDER_ASC : 0]);
    buf_char(out, '~');
    buf_i64(out, query->at_us);
    buf_char(out, '~');
    buf_i64(out, item->rank);
    buf_char(out, '~');
    buf_str(out, item->rank ? STR("0") : item->key); // whatever has no value has no key
    buf_char(out, '~');
    buf_str(out, item->id);
}
