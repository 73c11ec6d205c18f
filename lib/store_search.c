#include "lib/store_search.h"

// The right to read is asked once for each stream that has a match, not for each match; ranked are the newest
// SEARCH_RANKED of them; what is shown is printed for the page only.
static const struct pg_statement search PG_STATEMENT = {
    "search",
    "WITH c AS MATERIALIZED (SELECT c.id, coalesce(c.refused, CASE WHEN $5::text IS NOT NULL AND s.id IS NULL "
    "  THEN 404 END) AS refused FROM who_calls($1, $2, $3, 'read') c "
    "  LEFT JOIN streams s ON s.id = $5 AND s.workspace_id = $3 AND can_read_stream(c.id, s.id)), "
    "q AS MATERIALIZED (SELECT search_query($4) AS query), "
    "found AS MATERIALIZED (SELECT m.id, m.stream_id, m.created_at FROM q, messages m "
    "  WHERE m.search @@ q.query AND m.workspace_id = $3 AND EXISTS (SELECT FROM c WHERE refused IS NULL)), "
    "readable AS MATERIALIZED (SELECT f.stream_id FROM (SELECT DISTINCT stream_id FROM found) f, c "
    "  WHERE can_read_stream(c.id, f.stream_id) AND ($5 IS NULL OR readers_may_read($5, f.stream_id))), "
    "newest AS MATERIALIZED (SELECT f.id FROM found f JOIN readable USING (stream_id) "
    "  ORDER BY f.created_at DESC, f.id DESC LIMIT $7), "
    "page AS MATERIALIZED (SELECT m.id, search_rank(m.search, q.query, m.created_at) AS rank "
    "  FROM newest JOIN messages m USING (id) CROSS JOIN q ORDER BY rank DESC, m.id DESC LIMIT $6) "
    "SELECT coalesce(c.refused, 200), NULL::text, "
    "  '\"message\":' || message_json(m) || ',\"stream\":{\"id\":\"' || s.id || '\",\"type\":\"' || s.type "
    "    || '\",\"name\":' || to_json(s.name)::text || '}', "
    "  ts_headline('english', translate(m.content, E'\\x02\\x03', ''), q.query, "
    "    E'StartSel=\\x02, StopSel=\\x03, MinWords=15, MaxWords=35') "
    "FROM c CROSS JOIN q LEFT JOIN (page JOIN messages m USING (id) JOIN streams s ON s.id = m.stream_id) ON true "
    "ORDER BY page.rank DESC, page.id DESC"};

enum pg_outcome store_search(struct pg *pg, const struct caller *caller, const char *words, const char *audience,
                             const char *limit, struct answer *answer)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, words, audience, limit, SEARCH_RANKED};
    return answer_run(pg, &search, 7, params, answer);
}
