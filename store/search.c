// SPDX-License-Identifier: Apache-2.0
#include "store/search.h"

#include "store/bounds.h"
#include "store/pg_value.h"
#include "store/reader.h"

// What is searched, and how far, is the database's: search_matches() (migrations/functions/search.sql). The best of
// those are printed, as many as the answer may hold.
static const struct pg_statement search PG_STATEMENT = {
    "search",
    "WITH c AS MATERIALIZED (SELECT c.id, coalesce(c.refused, CASE WHEN $5::text IS NOT NULL AND s.id IS NULL\n"
    "  THEN 404 END) AS refused FROM who_calls($1, $2, $3, 'read') c\n"
    "  LEFT JOIN streams s ON s.id = $5 AND s.workspace_id = $3 AND can_read_stream(c.id, s.id)),\n"
    "q AS MATERIALIZED (SELECT search_query($4) AS query),\n"
    "page AS MATERIALIZED (SELECT m.id, search_rank(m.search, q.query, m.created_at) AS rank\n"
    "  FROM c CROSS JOIN q CROSS JOIN search_matches(c.id, $3, $5, q.query, $6::integer) f JOIN messages m ON m.id = f.id\n"
    "  WHERE c.refused IS NULL ORDER BY rank DESC, m.id DESC LIMIT $6::integer),\n"
    "sized AS MATERIALIZED (SELECT p.id, p.rank, sum(" BOUNDS_MESSAGE ") OVER (ORDER BY p.rank DESC, p.id DESC)\n"
    "    - " BOUNDS_MESSAGE " AS before FROM page p JOIN messages m USING (id)),\n"
    "shown AS MATERIALIZED (SELECT id, rank FROM sized WHERE before < " BOUNDS_ANSWER ")\n"
    "SELECT coalesce(c.refused, 200), NULL::text,\n"
    "  '\"message\":' || message_brief_json(m) || ',\"stream\":{\"id\":\"' || s.id || '\",\"type\":\"' || s.type\n"
    "    || '\",\"name\":' || to_json(s.name)::text || '}',\n"
    "  search_snippet(m.content, $4, q.query)\n"
    "FROM c CROSS JOIN q LEFT JOIN (shown JOIN messages m USING (id) JOIN streams s ON s.id = m.stream_id) ON true\n"
    "ORDER BY shown.rank DESC, shown.id DESC",
};

struct store_answer store_search(struct store_reader *reader, const struct caller *caller, const char *words,
                                 const char *audience, const char *limit)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, words, audience, limit};
    return store_reader_decide(reader, &search, 6, params);
}

bool store_search_read(const struct store_answer *answer, int row, struct store_search_hit *hit)
{
    hit->body = pg_str(answer->rows, row, ANSWER_BODY);
    hit->snippet = pg_str(answer->rows, row, ANSWER_COLUMNS);
    return hit->body.p != NULL;
}
