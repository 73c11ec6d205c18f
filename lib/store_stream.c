#include "lib/store_stream.h"

#include "lib/told.h"

static const struct pg_statement create PG_STATEMENT = {"stream_create", "SELECT " TOLD_COLUMNS
                                                                         " FROM create_stream($1, $2, $3, $4, $5, $6)"};

enum pg_outcome store_stream_create(struct pg *pg, const struct caller *caller, const struct stream_draft *draft,
                                    struct answer *answer)
{
    const char *params[] = {caller->secret, caller->workspace, draft->type,
                            draft->name,    draft->private,    draft->persona};
    return answer_run(pg, &create, 6, params, answer);
}

static const struct pg_statement get PG_STATEMENT = {
    "stream_get",
    "SELECT coalesce(c.refused, CASE WHEN s.id IS NULL THEN 404 ELSE 200 END), NULL::text, stream_json(s, c.id) "
    "FROM who_calls($1, $2, $3, 'read') c LEFT JOIN streams s ON s.id = $4 AND s.workspace_id = $3 AND c.refused IS "
    "NULL "
    "AND can_read_stream(c.id, s.id)"};

enum pg_outcome store_stream_get(struct pg *pg, const struct caller *caller, const char *stream, struct answer *answer)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, stream};
    return answer_run(pg, &get, 4, params, answer);
}

static const struct pg_statement add PG_STATEMENT = {"stream_add_member",
                                                     "SELECT " TOLD_COLUMNS " FROM add_member($1, $2, $3, $4)"};

enum pg_outcome store_stream_add(struct pg *pg, const struct caller *caller, const char *stream, const char *member,
                                 struct answer *answer)
{
    const char *params[] = {caller->secret, caller->workspace, stream, member};
    return answer_run(pg, &add, 4, params, answer);
}

static const struct pg_statement leave PG_STATEMENT = {"stream_remove_member",
                                                       "SELECT " TOLD_COLUMNS " FROM remove_member($1, $2, $3, $4)"};

enum pg_outcome store_stream_remove(struct pg *pg, const struct caller *caller, const char *stream, const char *member,
                                    struct answer *answer)
{
    const char *params[] = {caller->secret, caller->workspace, stream, member};
    return answer_run(pg, &leave, 4, params, answer);
}

// One statement is one snapshot: lastSeq, the events and the sessions are of the same moment.
static const struct pg_statement bootstrap PG_STATEMENT = {
    "stream_bootstrap",
    "WITH s AS MATERIALIZED (SELECT c.id AS reader, c.refused, s AS stream "
    "  FROM who_calls($1, $2, $3, 'read') c LEFT JOIN streams s ON s.id = $4 AND s.workspace_id = $3 "
    "  AND c.refused IS NULL AND can_read_stream(c.id, s.id)), "
    "newest AS MATERIALIZED (SELECT e.seq, stream_event_json(e) AS event FROM stream_events e "
    "  WHERE e.stream_id = $4 AND EXISTS (SELECT FROM s WHERE (stream).id IS NOT NULL) ORDER BY e.seq DESC LIMIT 50) "
    "SELECT coalesce(refused, CASE WHEN (stream).id IS NULL THEN 404 ELSE 200 END), NULL::text, "
    "  concat('\"stream\":', stream_json(stream, reader), ',\"lastSeq\":', (stream).last_seq, "
    "    ',\"events\":[', (SELECT string_agg(event, ',' ORDER BY seq) FROM newest), "
    "    '],\"activity\":[', (SELECT string_agg(concat('{', "
    "       CASE WHEN x.stream_id <> $4 THEN '\"messageId\":\"' || x.parent_message_id || '\",' END, "
    "       '\"session\":', session_json(x), '}'), ',' ORDER BY x.id) "
    "     FROM agent_sessions x WHERE x.status IN ('pending', 'running') AND (x.stream_id = $4 OR x.parent_stream_id = "
    "$4)), "
    "    ']', (SELECT ',\"nextBefore\":\"' || min(seq) || '\"' FROM newest HAVING min(seq) > 1)), "
    "  (SELECT string_agg(concat(p.id, E'\\x1f\"type\":\"', p.type, '\",', p.members, ',\"role\":\"', m.role, '\"'), "
    "                     E'\\x1e' ORDER BY m.joined_at, p.id) "
    "   FROM stream_members m JOIN people p ON p.id = m.member_id AND p.workspace_id = $3 "
    "   WHERE m.stream_id = (stream).root_id) "
    "FROM s"};

enum pg_outcome store_stream_bootstrap(struct pg *pg, const struct caller *caller, const char *stream,
                                       struct answer *answer)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, stream};
    return answer_run(pg, &bootstrap, 4, params, answer);
}

static const struct pg_statement events PG_STATEMENT = {
    "stream_events",
    "WITH s AS MATERIALIZED (SELECT c.refused, s.id, s.last_seq, "
    "    CASE WHEN $6::text IS NULL THEN $5::bigint "
    "         ELSE (SELECT m.seq FROM messages m WHERE m.id = $6 AND m.stream_id = s.id) END AS middle "
    "  FROM who_calls($1, $2, $3, 'read') c LEFT JOIN streams s ON s.id = $4 AND s.workspace_id = $3 "
    "  AND c.refused IS NULL AND can_read_stream(c.id, s.id)), "
    "page AS MATERIALIZED ("
    "  (SELECT e.seq, stream_event_json(e) AS event FROM stream_events e "
    "   WHERE e.stream_id = $4 AND e.seq < (SELECT middle FROM s WHERE id IS NOT NULL) ORDER BY e.seq DESC LIMIT $7) "
    "  UNION ALL "
    "  (SELECT e.seq, stream_event_json(e) FROM stream_events e "
    "   WHERE e.stream_id = $4 AND e.seq >= (SELECT middle FROM s WHERE id IS NOT NULL) ORDER BY e.seq LIMIT $8)) "
    "SELECT coalesce(refused, CASE WHEN id IS NULL OR middle IS NULL THEN 404 ELSE 200 END), NULL::text, "
    "  concat('{\"events\":[', (SELECT string_agg(event, ',' ORDER BY seq) FROM page), ']', "
    "    (SELECT concat(CASE WHEN min(seq) > 1 THEN ',\"nextBefore\":\"' || min(seq) || '\"' END, "
    "                   CASE WHEN max(seq) < last_seq THEN ',\"nextAfter\":\"' || max(seq) || '\"' END) FROM page), "
    "'}') "
    "FROM s"};

enum pg_outcome store_stream_events(struct pg *pg, const struct caller *caller, const char *stream,
                                    const struct timeline_range *range, struct answer *answer)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, stream,
                            range->seq,     range->message,  range->older,      range->newer};
    return answer_run(pg, &events, 8, params, answer);
}

// The mark moves forward only, and not beyond what there is. What is read is no longer counted.
static const struct pg_statement mark PG_STATEMENT = {
    "stream_read",
    "WITH s AS MATERIALIZED (SELECT c.id AS reader, c.refused, s.id, least($4::bigint, s.last_seq) AS seq "
    "  FROM who_calls($1, false, $2, NULL) c LEFT JOIN streams s ON s.id = $3 AND s.workspace_id = $2 "
    "  AND c.refused IS NULL AND can_read_stream(c.id, s.id)), "
    "moved AS (INSERT INTO stream_reads AS r (user_id, stream_id, read_seq) SELECT reader, id, seq FROM s WHERE id IS "
    "NOT NULL "
    "  ON CONFLICT (user_id, stream_id) DO UPDATE SET read_seq = excluded.read_seq WHERE r.read_seq < "
    "excluded.read_seq "
    "  RETURNING read_seq), "
    "seen AS (DELETE FROM message_mentions x USING moved WHERE x.user_id = (SELECT reader FROM s) AND x.stream_id = $3 "
    "  AND x.seq <= moved.read_seq RETURNING x.seq) "
    "SELECT coalesce(s.refused, CASE WHEN s.id IS NULL THEN 404 ELSE 204 END), NULL::text, NULL::text, s.reader, "
    "  moved.read_seq, unread_mentions(s.reader, s.id) - (SELECT count(*) FROM seen) "
    "FROM s LEFT JOIN moved ON true"};

enum pg_outcome store_stream_read(struct pg *pg, const struct caller *caller, const char *stream, const char *seq,
                                  struct answer *answer)
{
    const char *params[] = {caller->secret, caller->workspace, stream, seq};
    return answer_run(pg, &mark, 4, params, answer);
}
