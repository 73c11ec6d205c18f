// SPDX-License-Identifier: Apache-2.0
#include "store/rating.h"

#include "store/caller.h"
#include "store/notify_columns.h"
#include "store/statement.h"

// The columns of both writes: those of the conversation's statements, then session_news.
#define WRITE_COLUMNS "code, problem, printed, (news).*"

static struct store_answer write(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                                 struct store_rating_seen *seen)
{
    struct store_answer answer = store_statement_decide(pg, statement, n, params);
    *seen = (struct store_rating_seen){0};
    if (!answer.rows)
        return answer;
    seen->rating = store_answer_body(&answer);
    seen->has_changed = !pg_is_null(answer.rows, 0, ANSWER_COLUMNS);
    if (seen->has_changed)
        notify_columns_read(&seen->change, answer.rows, 0, ANSWER_COLUMNS);
    return answer;
}

static const struct pg_statement put PG_STATEMENT = {
    "rating_put",
    "SELECT " WRITE_COLUMNS " FROM rate_session($1, $2, $3, $4, $5, $6, $7::integer, $8::float8, $9, $10::integer)",
};

struct store_answer store_rating_put(struct pg *pg, const struct caller *caller, const char *session,
                                     const struct store_rating *rating, struct store_rating_seen *seen)
{
    struct buf most = {0};
    buf_i64(&most, RATINGS_OF_SESSION);
    const char *params[] = {caller->secret, caller->program, caller->workspace, session,      rating->target,
                            rating->name,   rating->thumb,   rating->score,     rating->note, buf_cstr(&most)};
    struct store_answer answer = write(pg, &put, 10, params, seen);
    buf_fini(&most);
    return answer;
}

static const struct pg_statement delete PG_STATEMENT = {
    "rating_delete",
    "SELECT " WRITE_COLUMNS " FROM unrate_session($1, $2, $3, $4, $5)",
};

struct store_answer store_rating_delete(struct pg *pg, const struct caller *caller, const char *session,
                                        const char *rating, struct store_rating_seen *seen)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, session, rating};
    return write(pg, &delete, 5, params, seen);
}

static const struct pg_statement list PG_STATEMENT = {
    "rating_list",
    "WITH " STORE_READER ",\n"
    "s AS MATERIALIZED (SELECT x.id FROM agent_sessions x WHERE " STORE_READABLE(
        "$4") ")\n"
              "SELECT CASE " STORE_REFUSALS
              " WHEN s.id IS NULL THEN 404 ELSE 200 END, NULL::text, CASE WHEN s.id IS NOT NULL THEN\n"
              "  concat('{\"ratings\":[', (SELECT string_agg(rating_json(r, $2), ',' ORDER BY r.id) FROM ratings r\n"
              "          WHERE r.session_id = s.id AND ($5::text IS NULL OR r.target = $5)), ']}') END\n"
              "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true",
};

struct store_answer store_rating_list(struct pg *pg, const struct caller *caller, const char *session,
                                      const char *target)
{
    const char *params[] = {caller->secret, caller->workspace, caller->program, session, target};
    return store_statement_decide(pg, &list, 5, params);
}
