#include "lib/store_batch.h"

#include <assert.h>
#include "lib/jw.h"
#include "lib/store_caller.h"
#include "lib/store_counters.h"

static const struct pg_statement lock PG_STATEMENT = {
    "batch_lock",
    "WITH " STORE_TOKEN "\n"
    "" STORE_OWN_SESSION " FOR NO KEY UPDATE",
};

enum { ANSWER, STATUS, COUNTERS, LOST_LINE, MISFIT_LINE, INDEX, START_SEQ, END_SEQ, STEP };

// The session is locked and the snapshot is fresh, so what is not seen here is not there. `k`: for each step the lines
// that change something, b its beginning, c its completion. `ev`: those lines in order, each the next number of the
// session's room. Nothing is written (`go`) unless every line is good. A parent is looked up by its key: NOT EXISTS
// would be planned as a hash of all the session's steps.
static const struct pg_statement write_all PG_STATEMENT = {
    "batch_write",
    "WITH " STORE_TOKEN ",\n"
    "s AS MATERIALIZED (SELECT id, status, last_seq, step_count FROM agent_sessions WHERE id = $3\n"
    "                   AND workspace_id IS NOT DISTINCT FROM $2\n"
    "                   AND persona_id = (SELECT id FROM a WHERE here AND may)),\n"
    "k AS MATERIALIZED (\n"
    "    SELECT x.*, p.id IS NOT NULL AS was, coalesce(p.step_type, x.type) AS step_type,\n"
    "           CASE WHEN p.id IS NULL THEN x.start_line END AS b,\n"
    "           CASE WHEN p.end_seq IS NULL AND (p.id IS NOT NULL OR x.start_line IS NOT NULL)\n"
    "                THEN x.end_line END AS c,\n"
    "           CASE WHEN p.id IS NULL AND (x.start_line IS NULL OR x.end_line < x.start_line) THEN x.end_line\n"
    "                WHEN p.id IS NULL AND x.parent IS NOT NULL AND NOT x.parent_is_here\n"
    "                     AND (SELECT true FROM steps q WHERE q.session_id = $3 AND q.id = x.parent) IS NULL\n"
    "                THEN x.start_line END AS lost,\n"
    "           CASE WHEN p.end_seq IS NULL AND coalesce(p.step_type, x.type) = ANY (x.misfits)\n"
    "                THEN x.end_line END AS misfit_line\n"
    "    FROM json_to_recordset($4::json) x (\n"
    "             i int, start_line int, end_line int, whole boolean, id text, type text, name text, parent text,\n"
    "             parent_is_here boolean, start_content json, start_length int, content json, content_length int,\n"
    "             misfits text[], sources json, keys text[], message_id text, usage json, model text, input bigint,\n"
    "             output bigint, reasoning bigint, cost numeric, error json)\n"
    "    LEFT JOIN steps p ON p.session_id = $3 AND p.id = x.id WHERE EXISTS (SELECT FROM s)),\n"
    "ev AS MATERIALIZED (SELECT line, row_number() OVER (ORDER BY line) AS nth FROM (\n"
    "    SELECT b AS line FROM k WHERE b IS NOT NULL UNION ALL SELECT c FROM k WHERE c IS NOT NULL) lines),\n"
    "go AS MATERIALIZED (SELECT id FROM s WHERE status = 'running' AND EXISTS (SELECT FROM ev)\n"
    "                    AND NOT EXISTS (SELECT FROM k WHERE lost IS NOT NULL OR misfit_line IS NOT NULL)),\n"
    "n AS MATERIALIZED (\n"
    "    SELECT k.*, s.last_seq + eb.nth AS b_seq,\n"
    "           s.last_seq + CASE WHEN whole THEN eb.nth ELSE ec.nth END AS c_seq,\n"
    "           s.step_count + row_number() OVER (ORDER BY b) AS number,\n"
    "           c IS NOT NULL OR whole AND b IS NOT NULL AS ends, clock_timestamp() AS t\n"
    "    FROM k CROSS JOIN s LEFT JOIN ev eb ON eb.line = k.b LEFT JOIN ev ec ON ec.line = k.c),\n"
    "ins AS (INSERT INTO steps (session_id, id, step_number, step_type, name, parent_step_id, failed, start_seq,\n"
    "            end_seq, seq, start_content, start_length, content, content_length, sources, message_id, usage,\n"
    "            error, started_at, completed_at)\n"
    "        SELECT $3, id, number, type, name, parent, error IS NOT NULL, b_seq, c_seq, coalesce(c_seq, b_seq),\n"
    "               start_content, start_length, content, content_length, sources, message_id, usage, error, t,\n"
    "               CASE WHEN ends THEN t END\n"
    "        FROM n WHERE b IS NOT NULL AND EXISTS (SELECT FROM go) RETURNING *),\n"
    "upd AS (UPDATE steps SET end_seq = n.c_seq, seq = n.c_seq, failed = n.error IS NOT NULL,\n"
    "            content = coalesce(n.content::text, steps.content),\n"
    "            content_length = coalesce(n.content_length, steps.content_length),\n"
    "            sources = n.sources, message_id = n.message_id, usage = n.usage, error = n.error,\n"
    "            completed_at = greatest(steps.started_at, n.t)\n"
    "        FROM n WHERE steps.session_id = $3 AND steps.id = n.id AND n.was AND n.c IS NOT NULL\n"
    "        AND EXISTS (SELECT FROM go) RETURNING steps.*),\n"
    "src AS (INSERT INTO session_sources (session_id, key)\n"
    "        SELECT DISTINCT $3, md5(key) FROM n, unnest(keys) key WHERE ends AND EXISTS (SELECT FROM go)\n"
    "        ON CONFLICT DO NOTHING RETURNING key),\n"
    "sums AS (\n"
    "    SELECT count(b) AS begun, count(b) FILTER (WHERE NOT whole) - count(c) AS opened,\n"
    "           count(b) + count(c) AS events,\n"
    "           (array_agg(type ORDER BY b DESC) FILTER (WHERE b IS NOT NULL))[1] AS type,\n"
    "           count(*) FILTER (WHERE ends AND error IS NULL AND step_type = 'message_sent') AS messages,\n"
    "           (array_agg(model ORDER BY coalesce(c, b) DESC)\n"
    "                FILTER (WHERE ends AND model IS NOT NULL))[1] AS model,\n"
    "           sum(input) FILTER (WHERE ends)::bigint AS input,\n"
    "           sum(output) FILTER (WHERE ends)::bigint AS output,\n"
    "           sum(reasoning) FILTER (WHERE ends)::bigint AS reasoning,\n"
    "           sum(cost) FILTER (WHERE ends) AS cost\n"
    "    FROM n),\n"
    "u AS (UPDATE agent_sessions x SET last_seq = last_seq + sums.events, step_count = step_count + sums.begun,\n"
    "          open_steps = open_steps + sums.opened, message_count = message_count + sums.messages,\n"
    "          current_step_type = coalesce(sums.type, x.current_step_type), heartbeat_at = clock_timestamp(),\n"
    "          source_count = source_count + (SELECT count(*) FROM src),\n"
    "          usage_model = coalesce(sums.model, x.usage_model),\n"
    "          input_tokens = coalesce(x.input_tokens + sums.input, x.input_tokens, sums.input),\n"
    "          output_tokens = coalesce(x.output_tokens + sums.output, x.output_tokens, sums.output),\n"
    "          reasoning_tokens = coalesce(x.reasoning_tokens + sums.reasoning, x.reasoning_tokens, sums.reasoning),\n"
    "          cost_usd = coalesce(x.cost_usd + sums.cost, x.cost_usd, sums.cost)\n"
    "      FROM sums WHERE x.id = $3 AND EXISTS (SELECT FROM go)\n"
    "      RETURNING " STORE_COUNTERS "),\n"
    "written AS (\n"
    "    SELECT * FROM ins UNION ALL SELECT * FROM upd UNION ALL\n"
    "    SELECT steps.* FROM n JOIN steps ON steps.session_id = $3 AND steps.id = n.id WHERE n.was AND n.c IS NULL)\n"
    "SELECT CASE " STORE_REFUSALS " WHEN s.id IS NULL THEN 404\n"
    "            WHEN EXISTS (SELECT FROM go) THEN 200\n"
    "            WHEN NOT EXISTS (SELECT FROM ev)\n"
    "                 AND NOT EXISTS (SELECT FROM k WHERE lost IS NOT NULL OR misfit_line IS NOT NULL) THEN 200\n"
    "            WHEN s.status <> 'running' THEN 409 ELSE 400 END,\n"
    "       s.status, CASE WHEN n.i = 0 THEN u.counters END,\n"
    "       (SELECT min(lost) FROM k), (SELECT min(misfit_line) FROM k), n.i,\n"
    "       CASE WHEN n.b IS NOT NULL THEN n.b_seq END,\n"
    "       CASE WHEN n.ends THEN n.c_seq END, " STEP_COLUMNS_BRIEF "\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN u ON true LEFT JOIN n ON true\n"
    "LEFT JOIN written p ON p.id = n.id ORDER BY n.i",
};

static void member_text(struct buf *out, const char *key, const char *text)
{
    jw_member(out, key, str_from(text));
}

static void member_json(struct buf *out, const char *key, const char *json)
{
    jw_member_raw(out, key, str_from(json));
}

static void member_line(struct buf *out, const char *key, int64_t line)
{
    if (line)
        jw_member_i64(out, key, line);
}

static void print_step(struct buf *out, int i, const struct store_batch_step *step)
{
    const struct store_step_input *start = &step->start, *end = &step->end;
    jw_open(out, '{');
    jw_member_i64(out, "i", i);
    member_line(out, "start_line", step->start_line);
    member_line(out, "end_line", step->end_line);
    jw_member_bool(out, "whole", step->is_whole);
    member_text(out, "id", start->id);
    member_text(out, "type", start->type);
    member_text(out, "name", start->name);
    member_text(out, "parent", start->parent_id);
    jw_member_bool(out, "parent_is_here", step->parent_is_here);
    member_json(out, "start_content", start->content);
    member_json(out, "start_length", start->content_length);
    member_json(out, "content", end->content);
    member_json(out, "content_length", end->content_length);
    member_text(out, "misfits", end->misfits);
    member_json(out, "sources", end->sources);
    member_text(out, "keys", end->source_keys);
    member_text(out, "message_id", end->message_id);
    member_json(out, "usage", end->usage);
    member_text(out, "model", end->model);
    member_json(out, "input", end->input_tokens);
    member_json(out, "output", end->output_tokens);
    member_json(out, "reasoning", end->reasoning_tokens);
    member_json(out, "cost", end->cost_usd);
    member_json(out, "error", end->error);
    jw_close(out, '}');
}

static int run(struct pg *pg, struct pg_call calls[static 2], struct store_batch_result *result)
{
    enum pg_outcome outcome = pg_persist_all(pg, calls, 2);
    if (outcome != PG_OK)
        return answer_failed(outcome, calls[1].statement);
    const PGresult *rows = calls[1].rows;
    result->locked = calls[0].rows;
    result->rows = calls[1].rows;
    result->session_status = pg_str(rows, 0, STATUS);
    result->lost_line = pg_i64(rows, 0, LOST_LINE);
    result->misfit_line = pg_i64(rows, 0, MISFIT_LINE);
    publish_read_progress(&result->session, rows, 0, COUNTERS);
    return (int)pg_i64(rows, 0, ANSWER);
}

int store_batch_write(struct pg *pg, const struct caller *caller, const char *session,
                      const struct store_batch_step *steps, int n, struct store_batch_result *result)
{
    struct buf lines = {0};
    jw_open(&lines, '[');
    for (int i = 0; i < n; i++)
        print_step(&lines, i, &steps[i]);
    jw_close(&lines, ']');
    const char *params[] = {caller->secret, caller->workspace, session, buf_cstr(&lines)};
    struct pg_call calls[] = {{&lock, 3, params, NULL}, {&write_all, 4, params, NULL}};
    *result = (struct store_batch_result){0};
    int answer = run(pg, calls, result);
    buf_fini(&lines);
    return answer;
}

void store_batch_fini(struct store_batch_result *result)
{
    PQclear(result->locked);
    PQclear(result->rows);
    *result = (struct store_batch_result){0};
}

void store_batch_read(const struct store_batch_result *result, int i, struct store_batch_written *written)
{
    assert(pg_i64(result->rows, i, INDEX) == i);
    written->start_seq = pg_i64(result->rows, i, START_SEQ);
    written->end_seq = pg_i64(result->rows, i, END_SEQ);
    step_json_read(&written->step, result->rows, i, STEP);
}
