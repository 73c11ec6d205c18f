#include "lib/store_trace.h"

#include "lib/step_json.h"
#include "lib/store_caller.h"

// IS NOT DISTINCT FROM keeps the plan off the index of a workspace's newest sessions, which finds an id by going
// through all of them.
#define READABLE                                                                                                       \
    "x.id = $4 AND x.workspace_id IS NOT DISTINCT FROM $2\n"                                                           \
    "    AND can_read_session((SELECT id FROM a WHERE here AND may), x.workspace_id, x.stream_id, x.persona_id)"

#define HAS_ENDED "status IN ('completed', 'failed', 'cancelled')"

// The session as its ETag sees it: the heartbeat alone is no change. A text in it cannot hold that member: its quotes
// would be escaped.
#define STEADY "replace(s.session, coalesce(',\"heartbeatAt\":' || json_time(s.heartbeat_at), ''), '')"

// Whether an If-None-Match has the tag, or the "*" of RFC 9110, 13.1.2. Compared weakly: without what stands before the
// quotes.
#define IS_KNOWN(etags) "(" etags " = '*' OR strpos(" etags ", h.tag) > 0)"

// Who asks, the session with its chain of attempts, and which steps are wanted (`r`; no row if they are not to be
// shown).
#define PAGE_HEAD                                                                                                      \
    STORE_READER                                                                                                       \
    ",\n"                                                                                                              \
    "s AS MATERIALIZED (\n"                                                                                            \
    "    SELECT x.id, x.status, x.chain_id, x.step_count, x.checkpoint_at, x.heartbeat_at,\n"                          \
    "           session_json(x) AS session\n"                                                                          \
    "    FROM agent_sessions x WHERE " READABLE "),\n"                                                                 \
    "rel AS MATERIALIZED (\n"                                                                                          \
    "    SELECT concat('[', string_agg(concat('{\"id\":\"', c.id, '\",\"attempt\":', c.attempt,\n"                     \
    "                  ',\"status\":\"', c.status, '\",\"createdAt\":', json_time(c.created_at),\n"                    \
    "                  ',\"durationMs\":' || duration_ms(c.started_at, c.completed_at), '}'),\n"                       \
    "                  ',' ORDER BY c.attempt), ']') AS chain\n"                                                       \
    "    FROM agent_sessions c WHERE c.chain_id = (SELECT chain_id FROM s)),\n"                                        \
    "h AS MATERIALIZED (\n"                                                                                            \
    "    SELECT s.*, rel.chain, concat('\"', md5(concat(" STEADY ", rel.chain, s.checkpoint_at)), '\"') AS tag\n"      \
    "    FROM s, rel),\n"                                                                                              \
    "r AS MATERIALIZED (\n"                                                                                            \
    "    SELECT n, n - $7::integer AS first, n + $8::integer AS last FROM (SELECT\n"                                   \
    "        coalesce((SELECT step_number FROM steps WHERE session_id = $4 AND id = $6),\n"                            \
    "                 (SELECT max(step_number) FROM steps WHERE session_id = $4 AND message_id = $6),\n"               \
    "                 CASE WHEN $10::boolean THEN least($5::integer, (SELECT step_count FROM s))\n"                    \
    "                      ELSE $5 END) AS n) pv\n"                                                                    \
    "    WHERE EXISTS (SELECT FROM h WHERE NOT " IS_KNOWN("$9") "))"

// The bytes that a page may have, and about what a step takes of them.
#define PAGE_BYTES_MAX "4194304"
#define STEP_SIZE                                                                                                      \
    "512 + octet_length(coalesce(p.sources, ''))\n"                                                                    \
    "           + least(octet_length(coalesce(p.content, p.start_content, '')), 98306)"

// The first row is the page's head, the others are its steps. Steps come from an index in their order; the planner
// merges them behind the head without sorting or joining: twice as fast as steps joined to the head.
#define PAGE_ROWS(fits, found, from, steps)                                                                            \
    "(SELECT CASE " STORE_REFUSALS " WHEN h.id IS NULL THEN 404 ELSE 200 END, 0, h.session, h.chain, 'W/' || h.tag,\n" \
    "        " IS_KNOWN("$9") ", h." HAS_ENDED ", h.step_count, " fits ", " found ",\n"                                \
                              "        " STEP_COLUMNS_NONE "\n"                                                        \
                              " FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN h ON true)\n"                      \
                              "UNION ALL\n"                                                                            \
                              "(SELECT NULL, p.step_number, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,\n"         \
                              "        " STEP_COLUMNS_SHOWN "\n"                                                       \
                              " FROM " from " p WHERE " steps "\n"                                                     \
                              " ORDER BY p.step_number)\n"                                                             \
                              "ORDER BY 2"

// Every step between two numbers, if they fit.
static const struct pg_statement page PG_STATEMENT = {
    "trace_page",
    "WITH " PAGE_HEAD ",\n"
    "fit AS MATERIALIZED (SELECT coalesce(sum(" STEP_SIZE ") < " PAGE_BYTES_MAX ", true) AS fits FROM steps p\n"
    "    WHERE p.session_id = $4\n"
    "    AND p.step_number BETWEEN (SELECT first FROM r) AND (SELECT last FROM r))\n" PAGE_ROWS(
        "(SELECT fits FROM fit)", "NULL::bigint", "steps",
        "p.session_id = $4 AND p.step_number BETWEEN (SELECT first FROM r WHERE (SELECT fits FROM fit))\n"
        "                                        AND (SELECT last FROM r)"),
};

// Those that match. The page ends where its steps, nearest to the pivot first, would exceed the bound; the nearest is
// always there. What is not shown is not fetched from where long values are kept.
#define PAGE_SOME(number, changed)                                                                                     \
    "WITH " PAGE_HEAD ",\n"                                                                                            \
    "near AS (\n"                                                                                                      \
    "    SELECT p.*, count(*) OVER () AS found, " STEP_SIZE " AS size\n"                                               \
    "    FROM steps p WHERE p.session_id = $4\n"                                                                       \
    "    AND " number " BETWEEN (SELECT first FROM r) AND (SELECT last FROM r) AND " changed "\n"                      \
    "    AND ($13::text IS NULL OR strpos(lower(concat_ws(' ', p.step_type, p.name)), lower($14)) > 0\n"               \
    "         OR strpos(lower(concat_ws(' ', p.sources, p.error, coalesce(p.content, p.start_content))),\n"            \
    "                   lower($13)) > 0)\n"                                                                            \
    "    ORDER BY abs(p.step_number - (SELECT n FROM r)), p.step_number LIMIT $11::integer),\n"                        \
    "fit AS (SELECT near.*, sum(size) OVER (ORDER BY abs(step_number - (SELECT n FROM r)), step_number)\n"             \
    "                       - size AS before FROM near),\n"                                                            \
    "p AS MATERIALIZED (SELECT * FROM fit WHERE before < " PAGE_BYTES_MAX                                              \
    ")\n" PAGE_ROWS("true", "(SELECT max(found) FROM p)", "p", "true")

static const struct pg_statement some PG_STATEMENT = {
    "trace_page_some", PAGE_SOME("p.step_number", "($12::bigint IS NULL OR p.seq > $12)")};

// What has changed is found by steps_seq; a bare step_number would look like the shorter way to any number.
static const struct pg_statement changed PG_STATEMENT = {"trace_page_changed",
                                                         PAGE_SOME("p.step_number + 0", "p.seq > $12::bigint")};

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
                            query->etags ? query->etags : "",
                            query->looks_back ? "t" : "f",
                            query->limit,
                            query->since_seq,
                            query->escaped_text,
                            query->text};
    if (query->since_seq || query->text)
        return answer_run(pg, query->since_seq ? &changed : &some, 14, params);
    struct answer answer = answer_run(pg, &page, 10, params);
    if (answer.code != 200 || pg_bool(answer.rows, 0, PAGE_FITS))
        return answer;
    answer_fini(&answer);
    return answer_run(pg, &some, 14, params);
}

static const struct pg_statement outline PG_STATEMENT = {
    "trace_outline",
    "WITH " STORE_READER ",\n"
    "s AS MATERIALIZED (\n"
    "    SELECT x.id, x.status, x.last_seq, x.pruned_at, x.heartbeat_at, session_json(x) AS session\n"
    "    FROM agent_sessions x WHERE " READABLE "),\n"
    "h AS MATERIALIZED (SELECT s.*, concat('\"', md5(concat(" STEADY ", s.pruned_at)), '\"') AS tag FROM s)\n"
    "(SELECT CASE " STORE_REFUSALS
    " WHEN h.id IS NULL THEN 404 ELSE 200 END, 0, h.session, h.last_seq, 'W/' || h.tag,\n"
    "        " IS_KNOWN(
        "$5") ", h." HAS_ENDED ", NULL::text, NULL::text, NULL::integer, NULL::boolean,\n"
              "        NULL::timestamptz, NULL::timestamptz, NULL::text, NULL::bigint\n"
              " FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN h ON true)\n"
              "UNION ALL\n"
              "(SELECT NULL, p.step_number, NULL, NULL, NULL, NULL, NULL, p.id, p.step_type,\n"
              "        CASE WHEN p.parent_step_id IS NOT NULL THEN\n"
              "             (SELECT step_number FROM steps WHERE session_id = $4 AND id = p.parent_step_id) END,\n"
              "        p.failed, p.started_at, p.completed_at, p.message_id, p.seq\n"
              " FROM steps p WHERE p.session_id = $4 AND EXISTS (SELECT FROM h WHERE NOT " IS_KNOWN(
                  "$5") ")\n"
                        " ORDER BY p.step_number)\n"
                        "ORDER BY 2",
};

struct answer store_trace_outline(struct pg *pg, const struct caller *caller, const char *session, const char *etags)
{
    const char *params[] = {caller->secret, caller->workspace, caller->program, session, etags ? etags : ""};
    return answer_run(pg, &outline, 5, params);
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
