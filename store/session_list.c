// SPDX-License-Identifier: Apache-2.0
#include "store/session_list.h"

#include "base/jw.h"
#include "store/caller.h"
#include "store/pg_value.h"
#include "store/reader.h"

static const struct pg_statement page PG_STATEMENT = {
    "session_list",
    "WITH " STORE_READER ",\n"
    "me AS MATERIALIZED (SELECT true AS may, json_populate_record(NULL::session_query, $4::json) AS q, session_reach_of(id, $2) AS r\n"
    "                    FROM a WHERE here AND may)\n"
    "SELECT CASE " STORE_REFUSALS " ELSE 200 END, p.session, p.rank, p.key, p.id, c.total, c.is_least\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN me ON true\n"
    "LEFT JOIN LATERAL session_list(me.q, me.r) WITH ORDINALITY AS p(session, rank, key, id, place) ON me.may\n"
    "LEFT JOIN LATERAL session_list_count(me.q, me.r) c ON me.may AND $5::boolean\n"
    "ORDER BY p.place",
};

static void print_statuses(struct buf *json, struct str statuses)
{
    if (!statuses.p)
        return;
    jw_key(json, "statuses");
    jw_open(json, '[');
    while (statuses.p)
        jw_string(json, str_cut(&statuses, ','));
    jw_close(json, ']');
}

static void print_time(struct buf *json, const char *key, int64_t us)
{
    if (us != LIST_ANY_TIME)
        jw_member_i64(json, key, us);
}

// As the type session_query has it.
static void print_query(struct buf *json, const struct store_list_query *query)
{
    jw_open(json, '{');
    print_statuses(json, query->statuses);
    jw_member(json, "stream_id", query->stream);
    jw_member(json, "persona_id", query->persona);
    jw_member(json, "model", query->model);
    jw_member(json, "tag", query->tag);
    jw_member(json, "rating", query->rating);
    jw_member(json, "external_id", query->external_id);
    print_time(json, "from_us", query->from_us);
    print_time(json, "to_us", query->to_us);
    jw_member(json, "text", query->text);
    jw_member(json, "sort", query->sort);
    jw_member_bool(json, "ascending", query->is_ascending);
    jw_member_i64(json, "at_us", query->at_us);
    if (query->after_id.p) {
        jw_member_i64(json, "after_rank", query->after_rank);
        jw_member(json, "after_key", query->after_key);
        jw_member(json, "after_id", query->after_id);
    }
    jw_member_i64(json, "page_size", query->limit);
    jw_close(json, '}');
}

struct store_answer store_session_list(struct store_reader *reader, const struct caller *caller,
                                       const struct store_list_query *query)
{
    struct buf json = {0};
    print_query(&json, query);
    const char *params[] = {caller->secret, caller->workspace, caller->program, buf_cstr(&json),
                            query->counts ? "t" : "f"};
    struct store_answer answer = store_reader_decide(reader, &page, 5, params);
    buf_fini(&json);
    return answer;
}

enum { LIST_OUTCOME, LIST_SESSION, LIST_RANK, LIST_KEY, LIST_ID, LIST_TOTAL, LIST_IS_LEAST };

// An empty list is one row without an item.
int store_session_list_length(const struct store_answer *answer)
{
    return pg_is_null(answer->rows, 0, LIST_ID) ? 0 : pg_rows(answer->rows);
}

void store_session_list_read(const struct store_answer *answer, int row, struct store_list_item *item)
{
    *item = (struct store_list_item){.session = pg_str(answer->rows, row, LIST_SESSION),
                                     .rank = pg_i64(answer->rows, row, LIST_RANK),
                                     .key = pg_str(answer->rows, row, LIST_KEY),
                                     .id = pg_str(answer->rows, row, LIST_ID)};
}

bool store_session_list_total(const struct store_answer *answer, int64_t *total)
{
    *total = pg_i64(answer->rows, 0, LIST_TOTAL);
    return pg_bool(answer->rows, 0, LIST_IS_LEAST);
}
