#include "lib/store_trace.h"

#include "lib/step_json.h"
#include "lib/store_caller.h"

#define READABLE                                                                                                       \
    "x.id = $4 AND x.workspace_id = $2\n"                                                                              \
    "    AND can_read_session((SELECT id FROM a WHERE here AND may), x.workspace_id, x.stream_id, x.persona_id)"

#define HAS_ENDED "status IN ('completed', 'failed', 'cancelled')"

// The ETag covers everything that is shown but the heartbeat. The page ends where its steps, nearest to the pivot
// first, would exceed the bound; the nearest is always there. What is not shown is not fetched from where long values
// are kept.
static const struct pg_statement page PG_STATEMENT = {
    "trace_page",
    "WITH " STORE_READER ",\n"
    "s AS MATERIALIZED (\n"
    "    SELECT x.id, x.status, x.chain_id, x.step_count, x.checkpoint_at, session_json(x) AS session,\n"
    "           session_json(jsonb_populate_record(x, '{\"heartbeat_at\": null}')) AS steady\n"
    "    FROM agent_sessions x WHERE " READABLE "),\n"
    "rel AS MATERIALIZED (\n"
    "    SELECT concat('[', string_agg(concat('{\"id\":\"', c.id, '\",\"attempt\":', c.attempt,\n"
    "                  ',\"status\":\"', c.status, '\",\"createdAt\":', json_time(c.created_at),\n"
    "                  ',\"durationMs\":' || duration_ms(c.started_at, c.completed_at), '}'),\n"
    "                  ',' ORDER BY c.attempt), ']') AS chain\n"
    "    FROM agent_sessions c WHERE c.chain_id = (SELECT chain_id FROM s)),\n"
    "h AS MATERIALIZED (\n"
    "    SELECT s.*, rel.chain, concat('W/\"', md5(concat(s.steady, rel.chain, s.checkpoint_at)), '\"') AS etag\n"
    "    FROM s, rel),\n"
    "pv AS MATERIALIZED (\n"
    "    SELECT coalesce((SELECT step_number FROM steps WHERE session_id = $4 AND id = $6),\n"
    "                    (SELECT max(step_number) FROM steps WHERE session_id = $4 AND message_id = $6),\n"
    "                    CASE WHEN $13::boolean THEN least($5::integer, (SELECT step_count FROM s)) ELSE $5 END\n"
    "                   ) AS n),\n"
    "near AS (\n"
    "    SELECT p.*, count(*) OVER () AS found, 512 + octet_length(coalesce(p.sources, ''))\n"
    "           + least(octet_length(coalesce(p.content, p.start_content, '')), 98306) AS size\n"
    "    FROM steps p WHERE p.session_id = $4\n"
    "    AND p.step_number BETWEEN (SELECT n - $7::integer FROM pv) AND (SELECT n + $8::integer FROM pv)\n"
    "    AND EXISTS (SELECT FROM h WHERE strpos(coalesce($12, ''), etag) = 0)\n"
    "    AND ($10::bigint IS NULL OR p.seq > $10)\n"
    "    AND ($11::text IS NULL OR strpos(lower(concat_ws(' ', p.step_type, p.name, p.sources, p.error,\n"
    "                                                     coalesce(p.content, p.start_content))), lower($11)) > 0)\n"
    "    ORDER BY abs(p.step_number - (SELECT n FROM pv)), p.step_number LIMIT $9::integer),\n"
    "fit AS (SELECT near.*, sum(size) OVER (ORDER BY abs(step_number - (SELECT n FROM pv)), step_number)\n"
    "                       - size AS before FROM near),\n"
    "p AS (SELECT *, row_number() OVER (ORDER BY step_number) AS row FROM fit WHERE before < 4194304)\n"
    "SELECT CASE " STORE_REFUSALS " WHEN h.id IS NULL THEN 404 ELSE 200 END,\n"
    "       CASE WHEN coalesce(p.row, 1) = 1 THEN h.session END,\n"
    "       CASE WHEN coalesce(p.row, 1) = 1 THEN h.chain END, h.etag,\n"
    "       strpos(coalesce($12, ''), h.etag) > 0, h." HAS_ENDED ", h.step_count, p.found, p.step_number,\n"
    "       " STEP_COLUMNS_BRIEF "\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN h ON true LEFT JOIN p ON h.id IS NOT NULL\n"
    "ORDER BY p.step_number",
};

struct answer store_trace_page(struct pg *pg, const struct caller *caller, const char *session,
                               const struct store_page_query *query)
{
    const char *params[] = {caller->secret,
                            caller->workspace,
                            caller->program,
                            session,
                            query->pivot,
                            query->pivot_id,
                            query->back,
                            query->forth,
                            query->limit,
                            query->since_seq,
                            query->text,
                            query->etags,
                            query->looks_back ? "t" : "f"};
    return answer_run(pg, &page, 13, params);
}

static const struct pg_statement outline PG_STATEMENT = {
    "trace_outline",
    "WITH " STORE_READER ",\n"
    "s AS MATERIALIZED (SELECT x.id, x.status, x.last_seq, session_json(x) AS session FROM agent_sessions x\n"
    "                   WHERE " READABLE "),\n"
    "p AS (SELECT p.id, p.step_number, p.step_type, q.step_number AS parent_number, p.failed, p.end_seq,\n"
    "             p.started_at, p.completed_at, p.message_id, p.seq,\n"
    "             row_number() OVER (ORDER BY p.step_number) AS row\n"
    "      FROM steps p LEFT JOIN steps q ON q.session_id = $4 AND q.id = p.parent_step_id\n"
    "      WHERE p.session_id = $4 AND EXISTS (SELECT FROM s))\n"
    "SELECT CASE " STORE_REFUSALS " WHEN s.id IS NULL THEN 404 ELSE 200 END,\n"
    "       CASE WHEN coalesce(p.row, 1) = 1 THEN s.session END, s.last_seq, p.id, p.step_number, p.step_type,\n"
    "       p.parent_number, CASE WHEN p.failed THEN 'failed' WHEN p.end_seq IS NOT NULL THEN 'completed'\n"
    "                             WHEN s." HAS_ENDED " THEN 'interrupted' ELSE 'running' END,\n"
    "       floor(extract(epoch FROM p.started_at) * 1000)::bigint, duration_ms(p.started_at, p.completed_at),\n"
    "       p.message_id, p.seq\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN p ON s.id IS NOT NULL\n"
    "ORDER BY p.step_number",
};

struct answer store_trace_outline(struct pg *pg, const struct caller *caller, const char *session)
{
    const char *params[] = {caller->secret, caller->workspace, caller->program, session};
    return answer_run(pg, &outline, 4, params);
}

static const struct pg_statement step PG_STATEMENT = {
    "trace_step",
    "WITH " STORE_READER ",\n"
    "s AS MATERIALIZED (SELECT x.id, x.status FROM agent_sessions x WHERE " READABLE ")\n"
    "SELECT CASE " STORE_REFUSALS " WHEN p.id IS NULL THEN 404 ELSE 200 END, s." HAS_ENDED ",\n"
    "       " STEP_COLUMNS_WHOLE "\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true\n"
    "LEFT JOIN steps p ON p.session_id = $4 AND p.id = $5 AND s.id IS NOT NULL",
};

struct answer store_trace_step(struct pg *pg, const struct caller *caller, const char *session, const char *step_id)
{
    const char *params[] = {caller->secret, caller->workspace, caller->program, session, step_id};
    return answer_run(pg, &step, 5, params);
}
