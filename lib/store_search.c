#include "lib/store_search.h"

// The right to read is asked once for each stream that has a match, not for each match; ranked are the newest
// SEARCH_RANKED of them; what is shown is printed for the page only. A deleted message has no words, so it fits a query
// of exclusions alone.
static const struct pg_statement search PG_STATEMENT = {
    "search",
    "WITH c AS MATERIALIZED (SELECT c.id, coalesce(c.refused, CASE WHEN $5::text IS NOT NULL AND s.id IS NULL\n"
    "  THEN 404 END) AS refused FROM who_calls($1, $2, $3, 'read') c\n"
    "  LEFT JOIN streams s ON s.id = $5 AND s.workspace_id = $3 AND can_read_stream(c.id, s.id)),\n"
    "q AS MATERIALIZED (SELECT search_query($4) AS query),\n"
    "found AS MATERIALIZED (SELECT m.id, m.stream_id, m.created_at FROM q, messages m\n"
    "  WHERE m.search @@ q.query AND m.workspace_id = $3 AND m.deleted_at IS NULL\n"
    "  AND EXISTS (SELECT FROM c WHERE refused IS NULL)),\n"
    "readable AS MATERIALIZED (SELECT f.stream_id FROM (SELECT DISTINCT stream_id FROM found) f, c\n"
    "  WHERE can_read_stream(c.id, f.stream_id) AND ($5 IS NULL OR readers_may_read($5, f.stream_id))),\n"
    "newest AS MATERIALIZED (SELECT f.id FROM found f JOIN readable USING (stream_id)\n"
    "  ORDER BY f.created_at DESC, f.id DESC LIMIT $7),\n"
    "page AS MATERIALIZED (SELECT m.id, search_rank(m.search, q.query, m.created_at) AS rank\n"
    "  FROM newest JOIN messages m USING (id) CROSS JOIN q ORDER BY rank DESC, m.id DESC LIMIT $6)\n"
    "SELECT coalesce(c.refused, 200), NULL::text,\n"
    "  '\"message\":' || message_json(m) || ',\"stream\":{\"id\":\"' || s.id || '\",\"type\":\"' || s.type\n"
    "    || '\",\"name\":' || to_json(s.name)::text || '}',\n"
    "  ts_headline('english', translate(m.content, E'\\x02\\x03', ''), q.query,\n"
    "    E'StartSel=\\x02, StopSel=\\x03, MinWords=15, MaxWords=35')\n"
    "FROM c CROSS JOIN q LEFT JOIN (page JOIN messages m USING (id) JOIN streams s ON s.id = m.stream_id) ON true\n"
    "ORDER BY page.rank DESC, page.id DESC",
};

struct answer store_search(struct pg *pg, const struct caller *caller, const char *words, const char *audience,
                           const char *limit)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, words, audience, limit, SEARCH_RANKED};
    return answer_run(pg, &search, 7, params);
}
