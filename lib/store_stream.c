#include "lib/store_stream.h"

#include "lib/told.h"

static const struct pg_statement create PG_STATEMENT = {
    "stream_create",
    "SELECT " TOLD_COLUMNS " FROM create_stream($1, $2, $3, $4, $5, $6)",
};

struct answer store_stream_create(struct pg *pg, const struct caller *caller, const struct stream_draft *draft)
{
    const char *params[] = {caller->secret, caller->workspace, draft->type,
                            draft->name,    draft->private,    draft->persona};
    return answer_run(pg, &create, 6, params);
}

static const struct pg_statement get PG_STATEMENT = {
    "stream_get",
    "SELECT coalesce(c.refused, CASE WHEN s.id IS NULL THEN 404 ELSE 200 END), NULL::text, stream_json(s, c.id)\n"
    "FROM who_calls($1, $2, $3, 'read') c LEFT JOIN streams s ON s.id = $4 AND s.workspace_id = $3\n"
    "AND c.refused IS NULL\n"
    "AND can_read_stream(c.id, s.id)",
};

struct answer store_stream_get(struct pg *pg, const struct caller *caller, const char *stream)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, stream};
    return answer_run(pg, &get, 4, params);
}

static const struct pg_statement add PG_STATEMENT = {
    "stream_add_member",
    "SELECT " TOLD_COLUMNS " FROM add_member($1, $2, $3, $4)",
};

struct answer store_stream_add(struct pg *pg, const struct caller *caller, const char *stream, const char *member)
{
    const char *params[] = {caller->secret, caller->workspace, stream, member};
    return answer_run(pg, &add, 4, params);
}

static const struct pg_statement leave PG_STATEMENT = {
    "stream_remove_member",
    "SELECT " TOLD_COLUMNS " FROM remove_member($1, $2, $3, $4)",
};

struct answer store_stream_remove(struct pg *pg, const struct caller *caller, const char *stream, const char *member)
{
    const char *params[] = {caller->secret, caller->workspace, stream, member};
    return answer_run(pg, &leave, 4, params);
}

// One statement is one snapshot: lastSeq, the events and the sessions are of the same moment.
static const struct pg_statement bootstrap PG_STATEMENT = {
    "stream_bootstrap",
    "WITH s AS MATERIALIZED (SELECT c.id AS reader, c.refused, s AS stream\n"
    "  FROM who_calls($1, $2, $3, 'read') c LEFT JOIN streams s ON s.id = $4 AND s.workspace_id = $3\n"
    "  AND c.refused IS NULL AND can_read_stream(c.id, s.id)),\n"
    "newest AS MATERIALIZED (SELECT e.seq, stream_event_json(e) AS event FROM stream_events e\n"
    "  WHERE e.stream_id = $4 AND EXISTS (SELECT FROM s WHERE (stream).id IS NOT NULL) ORDER BY e.seq DESC LIMIT 50)\n"
    "SELECT coalesce(refused, CASE WHEN (stream).id IS NULL THEN 404 ELSE 200 END), NULL::text,\n"
    "  concat('\"stream\":', stream_json(stream, reader), ',\"lastSeq\":', (stream).last_seq,\n"
    "    ',\"events\":[', (SELECT string_agg(event, ',' ORDER BY seq) FROM newest),\n"
    "    '],\"activity\":[', (SELECT string_agg(concat('{',\n"
    "       CASE WHEN x.stream_id <> $4 THEN '\"messageId\":\"' || x.parent_message_id || '\",' END,\n"
    "       '\"session\":', session_json(x), '}'), ',' ORDER BY x.id)\n"
    "     FROM agent_sessions x WHERE x.status IN ('pending', 'running')\n"
    "     AND (x.stream_id = $4 OR x.parent_stream_id = $4)),\n"
    "    ']', (SELECT ',\"nextBefore\":\"' || min(seq) || '\"' FROM newest HAVING min(seq) > 1)),\n"
    "  (SELECT string_agg(concat(p.id, E'\\x1f\"type\":\"', p.type, '\",', p.members, ',\"role\":\"', m.role, '\"'),\n"
    "                     E'\\x1e' ORDER BY m.joined_at, p.id)\n"
    "   FROM stream_members m JOIN people p ON p.id = m.member_id AND p.workspace_id = $3\n"
    "   WHERE m.stream_id = (stream).root_id)\n"
    "FROM s",
};

struct answer store_stream_bootstrap(struct pg *pg, const struct caller *caller, const char *stream)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, stream};
    return answer_run(pg, &bootstrap, 4, params);
}

static const struct pg_statement events PG_STATEMENT = {
    "stream_events",
    "WITH s AS MATERIALIZED (SELECT c.refused, s.id, s.last_seq,\n"
    "    CASE WHEN $6::text IS NULL THEN $5::bigint\n"
    "         ELSE (SELECT m.seq FROM messages m WHERE m.id = $6 AND m.stream_id = s.id) END AS middle\n"
    "  FROM who_calls($1, $2, $3, 'read') c LEFT JOIN streams s ON s.id = $4 AND s.workspace_id = $3\n"
    "  AND c.refused IS NULL AND can_read_stream(c.id, s.id)),\n"
    "page AS MATERIALIZED (\n"
    " (SELECT e.seq, stream_event_json(e) AS event FROM stream_events e\n"
    "   WHERE e.stream_id = $4 AND e.seq < (SELECT middle FROM s WHERE id IS NOT NULL) ORDER BY e.seq DESC LIMIT $7)\n"
    "  UNION ALL\n"
    "  (SELECT e.seq, stream_event_json(e) FROM stream_events e\n"
    "   WHERE e.stream_id = $4 AND e.seq >= (SELECT middle FROM s WHERE id IS NOT NULL) ORDER BY e.seq LIMIT $8))\n"
    "SELECT coalesce(refused, CASE WHEN id IS NULL OR middle IS NULL THEN 404 ELSE 200 END), NULL::text,\n"
    "  concat('{\"events\":[', (SELECT string_agg(event, ',' ORDER BY seq) FROM page), ']',\n"
    "    (SELECT concat(CASE WHEN min(seq) > 1 THEN ',\"nextBefore\":\"' || min(seq) || '\"' END,\n"
    "                   CASE WHEN max(seq) < last_seq THEN ',\"nextAfter\":\"' || max(seq) || '\"' END) FROM page),\n"
    "'}')\n"
    "FROM s",
};

struct answer store_stream_events(struct pg *pg, const struct caller *caller, const char *stream,
                                  const struct timeline_range *range)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, stream,
                            range->seq,     range->message,  range->older,      range->newer};
    return answer_run(pg, &events, 8, params);
}

// The mark moves forward only, and not beyond what there is; of who never joined none is kept. What is read is no
// longer counted, of a thread beside its parent either, whether the mark has moved or not: who joins begins with one
// beyond what had mentioned them before.
static const struct pg_statement mark PG_STATEMENT = {
    "stream_read",
    "WITH s AS MATERIALIZED (SELECT c.id AS reader, c.refused, s.id, s.root_id, s.parent_stream_id AS parent,\n"
    "    least($4::bigint, s.last_seq) AS seq\n"
    "  FROM who_calls($1, false, $2, NULL) c LEFT JOIN streams s ON s.id = $3 AND s.workspace_id = $2\n"
    "  AND c.refused IS NULL AND can_read_stream(c.id, s.id)),\n"
    "moved AS (INSERT INTO stream_reads AS r (user_id, stream_id, read_seq)\n"
    "  SELECT s.reader, s.id, s.seq FROM s JOIN stream_members m ON m.stream_id = s.root_id AND m.member_id = s.reader\n"
    "  ON CONFLICT (user_id, stream_id) DO UPDATE SET read_seq = excluded.read_seq\n"
    "  WHERE r.read_seq < excluded.read_seq\n"
    "  RETURNING read_seq),\n"
    "seen AS (DELETE FROM message_mentions x WHERE x.user_id = (SELECT reader FROM s) AND x.stream_id = $3\n"
    "  AND x.seq <= (SELECT seq FROM s WHERE id IS NOT NULL) RETURNING x.seq),\n"
    "less AS MATERIALIZED (SELECT count(*) AS n FROM seen)\n"
    "SELECT coalesce(s.refused, CASE WHEN s.id IS NULL THEN 404 ELSE 204 END), NULL::text, NULL::text, s.reader,\n"
    "  CASE WHEN EXISTS (SELECT FROM moved) OR less.n > 0 THEN s.seq END, unread_mentions(s.reader, s.id) - less.n,\n"
    "  CASE WHEN less.n > 0 THEN s.parent END,\n"
    "  CASE WHEN less.n > 0 AND s.parent IS NOT NULL THEN unread_mentions(s.reader, s.parent) - less.n END\n"
    "FROM s CROSS JOIN less",
};

struct answer store_stream_read(struct pg *pg, const struct caller *caller, const char *stream, const char *seq)
{
    const char *params[] = {caller->secret, caller->workspace, stream, seq};
    return answer_run(pg, &mark, 4, params);
}
