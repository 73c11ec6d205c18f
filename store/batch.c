// SPDX-License-Identifier: Apache-2.0
#include "store/batch.h"

#include <assert.h>
#include "base/jw.h"
#include "store/caller.h"
#include "store/counters.h"
#include "store/notify_columns.h"
#include "store/said.h"
#include "store/statement.h"
#include "store/step_columns.h"

static const struct pg_statement lock PG_STATEMENT = {
    "batch_lock",
    "WITH " STORE_TOKEN "\n"
    "" STORE_OWN_SESSION " FOR NO KEY UPDATE",
};

enum {
    OUTCOME,
    STATUS,
    COUNTERS,
    LOST_LINE,
    MISFIT_LINE,
    CONFLICT_LINE,
    CONFLICT_FIELDS,
    FILLS,
    INDEX,
    START_SEQ,
    END_SEQ,
    STEP
};

// The session is locked and the snapshot is fresh, so a step that is not seen here does not exist. `k` has for each
// step the lines that change something: b is its beginning, c its completion. `ev` has those lines in order, and each
// takes the next number of the session's room. Nothing is written (`go`) unless every line is good. A parent is looked
// up by its key, because NOT EXISTS would be planned as a hash of all steps of the session.
static const struct pg_statement write_all PG_STATEMENT = {
    "batch_write",
    "WITH " STORE_TOKEN ",\n"
    "s AS MATERIALIZED (SELECT id, status, last_seq, step_count, created_at FROM agent_sessions WHERE id = $3\n"
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
    "           CASE WHEN p.id IS NULL OR p.end_seq IS NOT NULL THEN NULL WHEN x.whole THEN x.start_line\n"
    "                WHEN num_nonnulls(p.sources, p.message_id, p.usage, p.error) > 0 THEN x.end_line END AS fills,\n"
    // Of a step that is open, only what starts it is a repeat; the rest ends it.
    "           CASE WHEN p.id IS NOT NULL AND (p.end_seq IS NOT NULL OR NOT x.whole)\n"
    "                THEN conflicts_of_step(p, x) END AS differs,\n"
    "           CASE WHEN p.end_seq IS NULL AND coalesce(p.step_type, x.type) = ANY (x.misfits)\n"
    "                THEN x.end_line END AS misfit_line\n"
    "    FROM json_populate_recordset(NULL::step_said, $4::json) x\n"
    "    LEFT JOIN steps p ON p.session_id = $3 AND p.id = x.id WHERE EXISTS (SELECT FROM s)),\n"
    "ev AS MATERIALIZED (SELECT line, row_number() OVER (ORDER BY line) AS nth FROM (\n"
    "    SELECT b AS line FROM k WHERE b IS NOT NULL UNION ALL SELECT c FROM k WHERE c IS NOT NULL) lines),\n"
    "go AS MATERIALIZED (SELECT id FROM s WHERE status = 'running' AND EXISTS (SELECT FROM ev)\n"
    "                    AND NOT EXISTS (SELECT FROM k WHERE lost IS NOT NULL OR misfit_line IS NOT NULL\n"
    "                                    OR fills IS NOT NULL OR differs <> '{}')),\n"
    "con AS MATERIALIZED (SELECT coalesce(start_line, end_line) AS line, differs FROM k WHERE differs <> '{}'\n"
    "                     ORDER BY 1 LIMIT 1),\n"
    // One time for all lines: taken line by line it would order the steps by the way the plan joins them.
    "arrival AS MATERIALIZED (SELECT clock_timestamp() AS t),\n"
    "n AS MATERIALIZED (\n"
    "    SELECT k.*, s.last_seq + eb.nth AS b_seq,\n"
    "           s.last_seq + CASE WHEN whole THEN eb.nth ELSE ec.nth END AS c_seq,\n"
    "           s.step_count + row_number() OVER (ORDER BY b) AS number,\n"
    "           c IS NOT NULL OR whole AND b IS NOT NULL AS ended_now, t, ended,\n"
    "           CASE WHEN k.usage IS NOT NULL AND (c IS NOT NULL OR whole AND b IS NOT NULL)\n"
    "                THEN computed_cost($2, k.usage::text) END AS computed,\n"
    "           given_time(started, s.created_at - interval '30 days', t + interval '5 minutes') AS began\n"
    "    FROM k CROSS JOIN s CROSS JOIN arrival\n"
    "    CROSS JOIN LATERAL given_time(completed, 'epoch', t + interval '1 day') ended\n"
    "    LEFT JOIN ev eb ON eb.line = k.b LEFT JOIN ev ec ON ec.line = k.c),\n"
    "ins AS (INSERT INTO steps (session_id, id, step_number, step_type, name, parent_step_id, failed, start_seq,\n"
    "            end_seq, seq, start_content, start_length, content, content_length, sources, message_id, usage,\n"
    "            error, started_at, received_at, start_given, end_given, times_adjusted, completed_at, input, output,\n"
    "            attributes, events, links, computed_cost_usd, start_mark, end_mark)\n"
    "        SELECT $3, id, number, type, name, parent, error IS NOT NULL, b_seq, c_seq, coalesce(c_seq, b_seq),\n"
    "               start_content, start_length, content, content_length, sources, message_id, usage, error,\n"
    "               coalesce(began, CASE WHEN ended_now THEN least(t, ended) ELSE t END), t, began IS NOT NULL,\n"
    "               ended_now AND ended IS NOT NULL,\n"
    "               started IS NOT NULL AND began IS NULL OR completed IS NOT NULL AND ended IS NULL,\n"
    "               CASE WHEN ended_now THEN greatest(began, coalesce(ended, t)) END, input, output, attributes,\n"
    "               events, links, computed, start_mark, CASE WHEN ended_now THEN end_mark END\n"
    "        FROM n WHERE b IS NOT NULL AND EXISTS (SELECT FROM go) RETURNING *),\n"
    "upd AS (UPDATE steps SET end_seq = n.c_seq, seq = n.c_seq, failed = n.error IS NOT NULL,\n"
    "            content = coalesce(n.content::text, steps.content),\n"
    "            content_length = coalesce(n.content_length, steps.content_length),\n"
    "            sources = n.sources, message_id = n.message_id, usage = n.usage, error = n.error,\n"
    "            computed_cost_usd = n.computed, end_mark = n.end_mark,\n"
    "            completed_at = greatest(steps.started_at, coalesce(n.ended, n.t)), end_given = n.ended IS NOT NULL,\n"
    "            times_adjusted = steps.times_adjusted OR n.completed IS NOT NULL AND n.ended IS NULL,\n"
    "            input = coalesce(n.input::text, steps.input), output = coalesce(n.output::text, steps.output),\n"
    "            attributes = coalesce(n.attributes::text, steps.attributes),\n"
    "            events = coalesce(n.events::text, steps.events), links = coalesce(n.links::text, steps.links)\n"
    "        FROM n WHERE steps.session_id = $3 AND steps.id = n.id AND n.was AND n.c IS NOT NULL\n"
    "        AND EXISTS (SELECT FROM go) RETURNING steps.*),\n"
    "src AS (INSERT INTO session_sources (session_id, key)\n"
    "        SELECT DISTINCT $3, md5(key) FROM n, unnest(keys) key WHERE ended_now AND EXISTS (SELECT FROM go)\n"
    "        ON CONFLICT DO NOTHING RETURNING key),\n"
    "sums AS (\n"
    "    SELECT count(b) AS begun, count(b) FILTER (WHERE NOT whole) - count(c) AS opened,\n"
    "           count(b) + count(c) AS events,\n"
    "           (array_agg(type ORDER BY b DESC) FILTER (WHERE b IS NOT NULL))[1] AS type,\n"
    "           count(*) FILTER (WHERE ended_now AND error IS NULL AND step_type = 'message_sent') AS messages,\n"
    "           (array_agg(model ORDER BY coalesce(c, b) DESC)\n"
    "                FILTER (WHERE ended_now AND model IS NOT NULL))[1] AS model,\n"
    "           sum(input_tokens) FILTER (WHERE ended_now)::bigint AS input,\n"
    "           sum(output_tokens) FILTER (WHERE ended_now)::bigint AS output,\n"
    "           sum(reasoning_tokens) FILTER (WHERE ended_now)::bigint AS reasoning,\n"
    "           sum(cache_read_tokens) FILTER (WHERE ended_now)::bigint AS cache_read,\n"
    "           sum(cache_write_tokens) FILTER (WHERE ended_now)::bigint AS cache_write,\n"
    "           sum(total_tokens) FILTER (WHERE ended_now)::bigint AS total,\n"
    "           sum(coalesce(cost_usd, computed)) FILTER (WHERE ended_now) AS cost,\n"
    "           sum(computed) FILTER (WHERE ended_now) AS computed\n"
    "    FROM n),\n"
    "u AS (UPDATE agent_sessions x SET last_seq = last_seq + sums.events, step_count = step_count + sums.begun,\n"
    "          open_steps = open_steps + sums.opened, message_count = message_count + sums.messages,\n"
    "          current_step_type = coalesce(sums.type, x.current_step_type), heartbeat_at = clock_timestamp(),\n"
    "          source_count = source_count + (SELECT count(*) FROM src),\n"
    "          usage_model = coalesce(sums.model, x.usage_model),\n"
    "          input_tokens = coalesce(x.input_tokens + sums.input, x.input_tokens, sums.input),\n"
    "          output_tokens = coalesce(x.output_tokens + sums.output, x.output_tokens, sums.output),\n"
    "          reasoning_tokens = coalesce(x.reasoning_tokens + sums.reasoning, x.reasoning_tokens, sums.reasoning),\n"
    "          cache_read_tokens = coalesce(x.cache_read_tokens + sums.cache_read, x.cache_read_tokens, sums.cache_read),\n"
    "          cache_write_tokens =\n"
    "              coalesce(x.cache_write_tokens + sums.cache_write, x.cache_write_tokens, sums.cache_write),\n"
    "          total_tokens = coalesce(x.total_tokens + sums.total, x.total_tokens, sums.total),\n"
    "          cost_usd = coalesce(x.cost_usd + sums.cost, x.cost_usd, sums.cost),\n"
    "          computed_cost_usd = coalesce(x.computed_cost_usd + sums.computed, x.computed_cost_usd, sums.computed)\n"
    "      FROM sums WHERE x.id = $3 AND EXISTS (SELECT FROM go)\n"
    "      RETURNING " STORE_COUNTERS "),\n"
    "written AS (\n"
    "    SELECT * FROM ins UNION ALL SELECT * FROM upd UNION ALL\n"
    "    SELECT steps.* FROM n JOIN steps ON steps.session_id = $3 AND steps.id = n.id WHERE n.was AND n.c IS NULL)\n"
    "SELECT CASE " STORE_REFUSALS " WHEN s.id IS NULL THEN 404\n"
    "            WHEN EXISTS (SELECT FROM go) THEN 200\n"
    "            WHEN EXISTS (SELECT FROM con) THEN 409\n"
    "            WHEN EXISTS (SELECT FROM k WHERE fills IS NOT NULL) THEN 409\n"
    "            WHEN NOT EXISTS (SELECT FROM ev)\n"
    "                 AND NOT EXISTS (SELECT FROM k WHERE lost IS NOT NULL OR misfit_line IS NOT NULL) THEN 200\n"
    "            WHEN s.status <> 'running' THEN 409 ELSE 400 END,\n"
    "       s.status, CASE WHEN n.i = 0 THEN u.counters END,\n"
    "       (SELECT min(lost) FROM k), (SELECT min(misfit_line) FROM k), con.line, con.differs,\n"
    "       EXISTS (SELECT FROM k WHERE fills IS NOT NULL), n.i,\n"
    "       CASE WHEN n.b IS NOT NULL THEN n.b_seq END,\n"
    "       CASE WHEN n.ended_now THEN n.c_seq END, " STEP_COLUMNS_BRIEF "\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN u ON true LEFT JOIN n ON true\n"
    "LEFT JOIN con ON true LEFT JOIN written p ON p.id = n.id ORDER BY n.i",
};

static void member_line(struct buf *out, const char *key, int64_t line)
{
    if (line)
        jw_member_i64(out, key, line);
}

static void print_step(struct buf *out, int i, const struct store_batch_step *step)
{
    jw_open(out, '{');
    jw_member_i64(out, "i", i);
    member_line(out, "start_line", step->start_line);
    member_line(out, "end_line", step->end_line);
    jw_member_bool(out, "whole", step->is_whole);
    jw_member_bool(out, "parent_is_here", step->parent_is_here);
    jw_member_bool(out, "ends", step->is_whole || step->end_line);
    store_said_print(out, &step->start, &step->end);
    jw_close(out, '}');
}

static struct store_answer run(struct pg *pg, struct pg_call calls[static 2], struct store_batch_seen *out)
{
    *out = (struct store_batch_seen){0};
    enum pg_outcome outcome = pg_persist_all(pg, calls, 2);
    if (outcome != PG_OK)
        return (struct store_answer){.outcome = store_statement_failed(outcome, calls[1].statement)};
    pg_clear(calls[0].rows);
    struct pg_result *rows = calls[1].rows;
    out->session_status = pg_str(rows, 0, STATUS);
    out->lost_line = pg_i64(rows, 0, LOST_LINE);
    out->misfit_line = pg_i64(rows, 0, MISFIT_LINE);
    out->conflict_line = pg_i64(rows, 0, CONFLICT_LINE);
    out->is_for_put = pg_bool(rows, 0, FILLS);
    notify_columns_read_progress(&out->session, rows, 0, COUNTERS);
    return (struct store_answer){(enum store_outcome)pg_i64(rows, 0, OUTCOME), rows};
}

struct store_answer store_batch_write(struct pg *pg, const struct caller *caller, const char *session,
                                      const struct store_batch_step *steps, int n, struct store_batch_seen *out)
{
    struct buf lines = {0};
    jw_open(&lines, '[');
    for (int i = 0; i < n; i++)
        print_step(&lines, i, &steps[i]);
    jw_close(&lines, ']');
    const char *params[] = {caller->secret, caller->workspace, session, buf_cstr(&lines)};
    struct pg_call calls[] = {{&lock, 3, params, NULL}, {&write_all, 4, params, NULL}};
    struct store_answer answer = run(pg, calls, out);
    buf_fini(&lines);
    return answer;
}

void store_batch_print_fields(const struct store_answer *answer, struct buf *out)
{
    step_columns_print_names(out, "fields", answer->rows, 0, CONFLICT_FIELDS);
}

void store_batch_read(const struct store_answer *answer, int i, struct store_batch_written *written)
{
    const struct pg_result *rows = answer->rows;
    assert(pg_i64(rows, i, INDEX) == i);
    written->start_seq = pg_i64(rows, i, START_SEQ);
    written->end_seq = pg_i64(rows, i, END_SEQ);
    step_columns_read(&written->step, rows, i, STEP);
}
