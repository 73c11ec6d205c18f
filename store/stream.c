// SPDX-License-Identifier: Apache-2.0
#include "store/stream.h"

#include "store/bounds.h"
#include "store/notify_columns.h"
#include "store/statement.h"

static const struct pg_statement create PG_STATEMENT = {
    "stream_create",
    "SELECT " NOTIFY_ROWS " FROM create_stream($1, $2, $3, $4, $5, $6)",
};

struct store_answer store_stream_create(struct pg *pg, const struct caller *caller, const struct stream_draft *draft)
{
    const char *params[] = {caller->secret, caller->workspace, draft->type,
                            draft->name,    draft->private,    draft->persona};
    return store_statement_decide(pg, &create, 6, params);
}

static const struct pg_statement get PG_STATEMENT = {
    "stream_get",
    "SELECT coalesce(c.refused, CASE WHEN s.id IS NULL THEN 404 ELSE 200 END), NULL::text, stream_json(s, c.id)\n"
    "FROM who_calls($1, $2, $3, 'read') c LEFT JOIN streams s ON s.id = $4 AND s.workspace_id = $3\n"
    "AND c.refused IS NULL\n"
    "AND can_read_stream(c.id, s.id)",
};

struct store_answer store_stream_get(struct pg *pg, const struct caller *caller, const char *stream)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, stream};
    return store_statement_decide(pg, &get, 4, params);
}

static const struct pg_statement add PG_STATEMENT = {
    "stream_add_member",
    "SELECT " NOTIFY_ROWS " FROM add_member($1, $2, $3, $4)",
};

struct store_answer store_stream_add(struct pg *pg, const struct caller *caller, const char *stream, const char *member)
{
    const char *params[] = {caller->secret, caller->workspace, stream, member};
    return store_statement_decide(pg, &add, 4, params);
}

static const struct pg_statement leave PG_STATEMENT = {
    "stream_remove_member",
    "SELECT " NOTIFY_ROWS " FROM remove_member($1, $2, $3, $4)",
};

struct store_answer store_stream_remove(struct pg *pg, const struct caller *caller, const char *stream,
                                        const char *member)
{
    const char *params[] = {caller->secret, caller->workspace, stream, member};
    return store_statement_decide(pg, &leave, 4, params);
}

// The members of a root, as pieces of cgi/actors.h: $3 is the workspace.
#define MEMBERS(root)                                                                                                       \
    "(SELECT string_agg(concat(actor_head(p.id), '\"type\":\"', p.type, '\",', p.members, ',\"role\":\"', m.role, '\"'),\n" \
    "                   E'\\x1e' ORDER BY m.joined_at, p.id)\n"                                                             \
    " FROM stream_members m JOIN people p ON p.id = m.member_id AND p.workspace_id = $3\n"                                  \
    " WHERE m.stream_id = " root ")"

// The number of the first event that is shown. Read from the index alone it is found backwards by every plan. The
// events themselves would all be read and sorted by a plan that was made while the table was small.
#define FIRST_SHOWN                                                                                                    \
    "(SELECT min(seq) FROM (SELECT n.seq FROM stream_events n WHERE n.stream_id = $4 ORDER BY n.seq DESC LIMIT 50) n)"

// One statement is one snapshot: lastSeq, the events and the sessions are of the same moment.
static const struct pg_statement bootstrap PG_STATEMENT = {
    "stream_bootstrap",
    "WITH s AS MATERIALIZED (SELECT c.id AS reader, c.refused, s AS stream\n"
    "  FROM who_calls($1, $2, $3, 'read') c LEFT JOIN streams s ON s.id = $4 AND s.workspace_id = $3\n"
    "  AND c.refused IS NULL AND can_read_stream(c.id, s.id)),\n"
    "sized AS MATERIALIZED (SELECT w.e, w.seq, sum(" BOUNDS_MESSAGE ") OVER (ORDER BY w.seq DESC) - " BOUNDS_MESSAGE
    "\n"
    "    AS before\n"
    "  FROM (SELECT e, e.seq, e.message_id FROM stream_events e WHERE e.stream_id = $4 AND e.seq >= " FIRST_SHOWN "\n"
    "        AND EXISTS (SELECT FROM s WHERE (stream).id IS NOT NULL) ORDER BY e.seq DESC LIMIT 50) w\n"
    "  LEFT JOIN messages m ON m.id = w.message_id),\n"
    "newest AS MATERIALIZED (SELECT seq, stream_event_json(e) AS event FROM sized WHERE before < " BOUNDS_ANSWER ")\n"
    "SELECT coalesce(refused, CASE WHEN (stream).id IS NULL THEN 404 ELSE 200 END), NULL::text,\n"
    "  concat('\"stream\":', stream_json(stream, reader), ',\"lastSeq\":', (stream).last_seq,\n"
    "    ',\"events\":[', (SELECT string_agg(event, ',' ORDER BY seq) FROM newest),\n"
    "    '],\"activity\":[', (SELECT string_agg(concat('{',\n"
    "       CASE WHEN x.stream_id <> $4 THEN '\"messageId\":\"' || x.parent_message_id || '\",' END,\n"
    "       '\"session\":', session_json(x), '}'), ',' ORDER BY x.id)\n"
    "     FROM agent_sessions x WHERE x.status IN ('pending', 'running')\n"
    "     AND (x.stream_id = $4 OR x.parent_stream_id = $4)),\n"
    "    ']', (SELECT ',\"nextBefore\":\"' || min(seq) || '\"' FROM newest HAVING min(seq) > 1)),\n"
    "  " MEMBERS("(stream).root_id") "\n"
                                     "FROM s",
};

struct store_answer store_stream_bootstrap(struct pg *pg, const struct caller *caller, const char *stream)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, stream};
    return store_statement_decide(pg, &bootstrap, 4, params);
}

static const struct pg_statement members PG_STATEMENT = {
    "stream_members",
    "SELECT coalesce(c.refused, CASE WHEN s.id IS NULL THEN 404 ELSE 200 END), NULL::text, NULL::text,\n"
    "  " MEMBERS(
        "s.root_id") "\n"
                     "FROM who_calls($1, $2, $3, 'read') c LEFT JOIN streams s ON s.id = $4 AND s.workspace_id = $3\n"
                     "AND c.refused IS NULL AND can_read_stream(c.id, s.id)",
};

struct store_answer store_stream_list_members(struct pg *pg, const struct caller *caller, const char *stream)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, stream};
    return store_statement_decide(pg, &members, 4, params);
}

static const struct pg_statement channels PG_STATEMENT = {
    "stream_channels",
    "SELECT code, name, body FROM list_channels($1, $2)",
};

struct store_answer store_stream_channels(struct pg *pg, const struct caller *caller)
{
    return store_statement_decide(pg, &channels, 2, (const char *const[]){caller->secret, caller->workspace});
}

struct str store_stream_members(const struct store_answer *answer)
{
    return pg_str(answer->rows, 0, ANSWER_COLUMNS);
}

static const struct pg_statement events PG_STATEMENT = {
    "stream_events",
    "WITH s AS MATERIALIZED (SELECT c.refused, s.id, s.last_seq,\n"
    "    CASE WHEN $6::text IS NULL THEN $5::bigint\n"
    "         ELSE (SELECT m.seq FROM messages m WHERE m.id = $6 AND m.stream_id = s.id) END AS middle\n"
    "  FROM who_calls($1, $2, $3, 'read') c LEFT JOIN streams s ON s.id = $4 AND s.workspace_id = $3\n"
    "  AND c.refused IS NULL AND can_read_stream(c.id, s.id)),\n"
    // `place` counts from the middle to either side. A page of both sides has half of the bound for each.
    "wanted AS MATERIALIZED (\n"
    " (SELECT e, e.seq, false AS is_newer, -e.seq AS place FROM stream_events e\n"
    "   WHERE e.stream_id = $4 AND e.seq < (SELECT middle FROM s WHERE id IS NOT NULL) ORDER BY e.seq DESC LIMIT $7)\n"
    "  UNION ALL\n"
    "  (SELECT e, e.seq, true, e.seq FROM stream_events e\n"
    "   WHERE e.stream_id = $4 AND e.seq >= (SELECT middle FROM s WHERE id IS NOT NULL) ORDER BY e.seq LIMIT $8)),\n"
    "sized AS MATERIALIZED (SELECT w.*, sum(" BOUNDS_MESSAGE ") OVER (PARTITION BY is_newer ORDER BY place)\n"
    "    - " BOUNDS_MESSAGE " AS before\n"
    "  FROM wanted w LEFT JOIN messages m ON m.id = (w.e).message_id),\n"
    "page AS MATERIALIZED (SELECT seq, stream_event_json(e) AS event FROM sized\n"
    "  WHERE before < " BOUNDS_ANSWER " / CASE WHEN $7::bigint > 0 AND $8::bigint > 0 THEN 2 ELSE 1 END)\n"
    "SELECT coalesce(refused, CASE WHEN id IS NULL OR middle IS NULL THEN 404 ELSE 200 END), NULL::text,\n"
    "  concat('{\"events\":[', (SELECT string_agg(event, ',' ORDER BY seq) FROM page), ']',\n"
    "    (SELECT concat(CASE WHEN min(seq) > 1 THEN ',\"nextBefore\":\"' || min(seq) || '\"' END,\n"
    "                   CASE WHEN max(seq) < last_seq THEN ',\"nextAfter\":\"' || max(seq) || '\"' END) FROM page),\n"
    "'}')\n"
    "FROM s",
};

struct store_answer store_stream_events(struct pg *pg, const struct caller *caller, const char *stream,
                                        const struct timeline_range *range)
{
    const char *params[] = {caller->secret, caller->program, caller->workspace, stream,
                            range->seq,     range->message,  range->older,      range->newer};
    return store_statement_decide(pg, &events, 8, params);
}

// The mark only moves forward, and not beyond the last event; none is kept for a reader who never joined. Mentions that
// are read are no longer counted, nor is a thread's beside its parent, whether or not the mark has moved: a new
// member's mark begins behind messages that mentioned them before.
static const struct pg_statement mark_read PG_STATEMENT = {
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
    "  CASE WHEN EXISTS (SELECT FROM moved) OR less.n > 0 THEN s.seq END, unread_mentions_left(s.reader, s.id),\n"
    "  CASE WHEN less.n > 0 THEN s.parent END,\n"
    "  CASE WHEN less.n > 0 AND s.parent IS NOT NULL THEN unread_mentions_left(s.reader, s.parent) END\n"
    "FROM s CROSS JOIN less",
};

struct store_answer store_stream_read(struct pg *pg, const struct caller *caller, const char *stream, const char *seq)
{
    const char *params[] = {caller->secret, caller->workspace, stream, seq};
    return store_statement_decide(pg, &mark_read, 4, params);
}

enum { MARK_USER = ANSWER_COLUMNS, MARK_SEQ, MARK_MENTIONS, MARK_PARENT, MARK_PARENT_MENTIONS };

void store_stream_read_mark(const struct store_answer *answer, struct store_stream_mark *mark)
{
    *mark = (struct store_stream_mark){.user_id = pg_str(answer->rows, 0, MARK_USER),
                                       .has_changed = !pg_is_null(answer->rows, 0, MARK_SEQ),
                                       .seq = pg_i64(answer->rows, 0, MARK_SEQ),
                                       .mentions = pg_i64(answer->rows, 0, MARK_MENTIONS),
                                       .parent_id = pg_str(answer->rows, 0, MARK_PARENT),
                                       .parent_mentions = pg_i64(answer->rows, 0, MARK_PARENT_MENTIONS)};
}
