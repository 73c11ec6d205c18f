// SPDX-License-Identifier: Apache-2.0
#include "store/statistics.h"

#include "store/reader.h"
#include "store/statement.h"

#define CALLER "FROM who_calls($1, $2, $3, 'read') c"
#define TIME(us) "timestamptz 'epoch' + " us "::bigint * interval '1 us'"

static const struct pg_statement sessions PG_STATEMENT = {
    "statistics_sessions",
    "SELECT coalesce(c.refused, CASE WHEN is_time_zone($7) THEN 200 ELSE 400 END), NULL::text,\n"
    "       CASE WHEN c.refused IS NULL AND is_time_zone($7)\n"
    "            THEN session_statistics_json(c.id, $3, " TIME("$4") ", " TIME(
        "$5") ", $6, $7, $8, $9, $10, $11::integer) END\n" CALLER,
};

struct store_answer store_statistics_sessions(struct store_reader *reader, const struct caller *caller,
                                              const struct store_statistics_query *query)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, query->from_us,
                            query->to_us,   query->by,       query->time_zone,  query->persona,
                            query->stream,  query->model,    query->limit};
    return store_reader_decide(reader, &sessions, 11, params);
}

static const struct pg_statement parts PG_STATEMENT = {
    "statistics_parts",
    "SELECT coalesce(c.refused, 200), NULL::text,\n"
    "       CASE WHEN c.refused IS NULL\n"
    "            THEN part_statistics_json(c.id, $3, " TIME("$4") ", " TIME(
        "$5") ", $6, $7, $8, $9::integer) END\n" CALLER,
};

struct store_answer store_statistics_parts(struct store_reader *reader, const struct caller *caller,
                                           const struct store_statistics_query *query)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, query->from_us, query->to_us,
                            query->by,      query->persona,  query->stream,     query->limit};
    return store_reader_decide(reader, &parts, 9, params);
}

static const struct pg_statement roll_up PG_STATEMENT = {
    "statistics_roll_up", "SELECT CASE WHEN n > 0 THEN n ELSE roll_up_days() END FROM roll_up_statistics() n"};

enum store_outcome store_statistics_roll_up(struct pg *pg, int64_t *counted)
{
    return store_statement_number(pg, &roll_up, 0, NULL, counted);
}
