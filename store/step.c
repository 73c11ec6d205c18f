// SPDX-License-Identifier: Apache-2.0
#include "store/step.h"

#include <assert.h>
#include "store/caller.h"
#include "store/counters.h"
#include "store/notify_columns.h"
#include "store/statement.h"
#include "store/step_columns.h"

// The columns of every write of a step: the outcome, the session's state, what notify_session_progress() needs, the
// step.
enum { OUTCOME, STATUS, COUNTERS, STEP };

// What a step with that usage has cost, where its agent did not say it.
#define COST(usage) "cost AS MATERIALIZED (SELECT computed_cost($2, " usage ") AS usd),\n"

// The session's totals after a completed step, of parameters that record and complete have in common and of its `cost`;
// an absent number changes nothing.
#define ADD_USAGE                                                                                                       \
    "usage_model = coalesce($5, x.usage_model),\n"                                                                      \
    "          input_tokens = coalesce(x.input_tokens + $6::bigint, x.input_tokens, $6::bigint),\n"                     \
    "          output_tokens = coalesce(x.output_tokens + $7::bigint, x.output_tokens, $7::bigint),\n"                  \
    "          reasoning_tokens = coalesce(x.reasoning_tokens + $8::bigint, x.reasoning_tokens, $8::bigint),\n"         \
    "          cost_usd = coalesce(x.cost_usd + coalesce($9::numeric, cost.usd), x.cost_usd, $9::numeric, cost.usd),\n" \
    "          computed_cost_usd = coalesce(x.computed_cost_usd + cost.usd, x.computed_cost_usd, cost.usd),\n"          \
    "          " ADD_COUNT("cache_read_tokens",                                                                         \
                           "$18") ",\n"                                                                                 \
                                  "          " ADD_COUNT("cache_write_tokens",                                          \
                                                         "$19") ",\n"                                                   \
                                                                "          " ADD_COUNT("total_tokens", "$20")
#define ADD_COUNT(column, n) column " = coalesce(x." column " + " n "::bigint, x." column ", " n "::bigint)"

static struct store_answer run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                               struct store_step_seen *out)
{
    struct store_answer answer = store_statement_decide(pg, statement, n, params);
    *out = (struct store_step_seen){0};
    if (answer.rows) {
        out->session_status = pg_str(answer.rows, 0, STATUS);
        notify_columns_read_progress(&out->session, answer.rows, 0, COUNTERS);
        step_columns_read(&out->step, answer.rows, 0, STEP);
    }
    return answer;
}

// When a step of u's session has started: at the time that the client's clock says, if that can be, else now.
#define STARTED_FROM(us)                                                                                               \
    "clock_timestamp() t, LATERAL (SELECT " us "::bigint AS us, given_time(" us "::bigint,\n"                          \
    "        u.created_at - interval '30 days', t + interval '5 minutes') AS at) began"
#define MORE_COLUMNS "input, output, attributes, events, links"
#define STARTED_COLUMNS "started_at, received_at, start_given, times_adjusted"
#define STARTED_VALUES "coalesce(began.at, t), t, began.at IS NOT NULL, began.us IS NOT NULL AND began.at IS NULL"

// The update comes first and is itself the lock: it is re-checked on the newest row, and the insertion hangs on it. Two
// with the same id: the second violates the key and is undone with its number. This is by far the most frequent
// statement, so it does nothing but write and answers only what the caller does not know; if it writes nothing, the one
// below says why. A step without a parent does not pay for looking for one.
#define START(parent_is_there)                                                                                         \
    "WITH u AS (\n"                                                                                                    \
    "    UPDATE agent_sessions x SET last_seq = last_seq + 1, step_count = step_count + 1,\n"                          \
    "        open_steps = open_steps + 1, current_step_type = $5, heartbeat_at = clock_timestamp()\n"                  \
    "    WHERE x.id = $3 AND x.workspace_id IS NOT DISTINCT FROM $2 AND x.status IS NOT DISTINCT FROM 'running'\n"     \
    "    AND x.persona_id = (SELECT persona_id FROM tokens WHERE hash = " STORE_CALLER_HASHED "\n"                     \
    "                        AND " STORE_TOKEN_IS_VALID "\n"                                                           \
    "                        AND workspace_id = $2 AND 'sessions:write' = ANY (scopes))\n"                             \
    "    " parent_is_there "RETURNING x.last_seq, x.step_count, x.created_at, " STORE_COUNTERS ")\n"                   \
    "INSERT INTO steps (session_id, id, step_number, step_type, name, parent_step_id, start_seq, seq,\n"               \
    "                   start_content, start_length, start_mark, " STARTED_COLUMNS ")\n"                               \
    "SELECT $3, $4, step_count, $5, $6, $7, last_seq, last_seq, $8, $9, $11::bytea, " STARTED_VALUES "\n"              \
    "FROM u, " STARTED_FROM(                                                                                           \
        "$10") "\n"                                                                                                    \
               "RETURNING (SELECT counters FROM u), step_number, seq, started_at, received_at, times_adjusted,\n"      \
               "          CASE WHEN has_quotes THEN start_content END, CASE WHEN has_quotes THEN start_length END"
enum {
    STARTED_COUNTERS,
    STARTED_NUMBER,
    STARTED_SEQ,
    STARTED_AT,
    STARTED_RECEIVED,
    STARTED_ADJUSTED,
    STARTED_CONTENT, // if it is not what was sent
    STARTED_LENGTH
};

static const struct pg_statement start PG_STATEMENT = {"step_start", START("")};
static const struct pg_statement start_child PG_STATEMENT = {
    "step_start_child", START("AND EXISTS (SELECT FROM steps WHERE session_id = $3 AND id = $7) ")};

// The same statement with its reasons. It also writes, if the obstacle has disappeared meanwhile, and it is the one
// that writes what few steps have.
static const struct pg_statement start_or_why PG_STATEMENT = {
    "step_start_or_why",
    "WITH " STORE_TOKEN ",\n"
    "s AS MATERIALIZED (" STORE_OWN_SESSION "),\n"
    "dup AS MATERIALIZED (SELECT * FROM steps WHERE session_id = $3 AND id = $4 AND EXISTS (SELECT FROM s)),\n"
    "parent AS MATERIALIZED (SELECT id FROM steps WHERE session_id = $3 AND id = $7),\n"
    "u AS (UPDATE agent_sessions x SET last_seq = last_seq + 1, step_count = step_count + 1,\n"
    "          open_steps = open_steps + 1, current_step_type = $5, heartbeat_at = clock_timestamp()\n"
    "      WHERE x.id = $3 AND x.status IS NOT DISTINCT FROM 'running' AND EXISTS (SELECT FROM s)\n"
    "      AND NOT EXISTS (SELECT FROM dup) AND ($7::text IS NULL OR EXISTS (SELECT FROM parent))\n"
    "      RETURNING x.last_seq, x.step_count, x.created_at, " STORE_COUNTERS "),\n"
    "i AS (INSERT INTO steps (session_id, id, step_number, step_type, name, parent_step_id, start_seq, seq,\n"
    "                         start_content, start_length, start_mark, " STARTED_COLUMNS ", " MORE_COLUMNS ")\n"
    "      SELECT $3, $4, step_count, $5, $6, $7, last_seq, last_seq, $8, $9, $11::bytea, " STARTED_VALUES ",\n"
    "             $12, $13, $14, $15, $16\n"
    "      FROM u, " STARTED_FROM(
        "$10") " RETURNING *)\n"
               "SELECT CASE WHEN u.last_seq IS NOT NULL THEN 201 WHEN p.id IS NOT NULL THEN 200\n"
               "            " STORE_REFUSALS " WHEN s.id IS NULL THEN 404 WHEN s.status <> 'running' THEN 409\n"
               "            WHEN $7 IS NOT NULL AND NOT EXISTS (SELECT FROM parent) THEN 400 ELSE 0 END,\n"
               "       s.status, u.counters, " STEP_COLUMNS_WHOLE "\n"
               "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN u ON true\n"
               "LEFT JOIN (SELECT * FROM i UNION ALL SELECT * FROM dup) p ON true",
};

// The step as it was written: from what was sent and what the statement returned.
static void read_started(struct store_step_seen *out, const struct pg_result *rows, const char *session,
                         const struct store_step_input *in)
{
    int64_t length = 0;
    bool is_sized = in->content_length && str_to_i64(str_from(in->content_length), &length) == 0;
    assert(is_sized == (in->content != NULL));
    *out = (struct store_step_seen){0};
    notify_columns_read_progress(&out->session, rows, 0, STARTED_COUNTERS);
    int64_t seq = pg_i64(rows, 0, STARTED_SEQ);
    out->step = (struct step_row){
        .id = str_from(in->id),
        .session_id = str_from(session),
        .number = pg_i64(rows, 0, STARTED_NUMBER),
        .type = str_from(in->type),
        .name = str_from(in->name),
        .parent_id = str_from(in->parent_id),
        .start_seq = seq,
        .seq = seq,
        .start_length = length,
        .started_us = pg_time(rows, 0, STARTED_AT),
        .received_us = pg_time(rows, 0, STARTED_RECEIVED),
        .times_adjusted = pg_bool(rows, 0, STARTED_ADJUSTED),
        .start_content = str_from(in->content),
    };
    if (!pg_is_null(rows, 0, STARTED_CONTENT)) {
        out->step.start_content = pg_str(rows, 0, STARTED_CONTENT);
        out->step.start_length = pg_i64(rows, 0, STARTED_LENGTH);
    }
}

struct store_answer store_step_start(struct pg *pg, const struct caller *caller, const char *session,
                                     const struct store_step_input *in, struct store_step_seen *out)
{
    const char *params[] = {caller->secret,
                            caller->workspace,
                            session,
                            in->id,
                            in->type,
                            in->name,
                            in->parent_id,
                            in->content,
                            in->content_length,
                            in->started_us,
                            in->start.mark,
                            in->more.input,
                            in->more.output,
                            in->more.attributes,
                            in->more.events,
                            in->more.links};
    if (store_step_has_more(&in->more))
        return run(pg, &start_or_why, 16, params, out);
    struct pg_result *rows = NULL;
    enum pg_outcome outcome = pg_run(pg, in->parent_id ? &start_child : &start, 11, params, &rows);
    if (pg_rows(rows) > 0) {
        read_started(out, rows, session, in);
        return (struct store_answer){STORE_WRITTEN, rows};
    }
    pg_clear(rows);
    if (outcome != PG_OK && outcome != PG_AGAIN)
        return (struct store_answer){.outcome = store_statement_failed(outcome, &start)};
    return run(pg, &start_or_why, 16, params, out);
}

// Sources are counted before the session's counters are raised, so here the lock comes first.
static const struct pg_statement record PG_STATEMENT = {
    "step_record",
    "WITH " STORE_TOKEN ",\n"
    "s AS MATERIALIZED (" STORE_OWN_SESSION " FOR NO KEY UPDATE),\n"
    "dup AS MATERIALIZED (SELECT * FROM steps WHERE session_id = $3 AND id = $4 AND EXISTS (SELECT FROM s)),\n"
    "parent AS MATERIALIZED (SELECT id FROM steps WHERE session_id = $3 AND id = $12),\n" COST(
        "$21") "go AS MATERIALIZED (SELECT id FROM s WHERE status = 'running' AND NOT EXISTS (SELECT FROM dup)\n"
               "                    AND ($12::text IS NULL OR EXISTS (SELECT FROM parent))),\n"
               "src AS (INSERT INTO session_sources (session_id, key)\n"
               "        SELECT DISTINCT $3, md5(key) FROM unnest($16::text[]) key WHERE EXISTS (SELECT FROM go)\n"
               "        ON CONFLICT DO NOTHING RETURNING key),\n"
               "u AS (UPDATE agent_sessions x SET last_seq = last_seq + 1, step_count = step_count + 1,\n"
               "          current_step_type = $10,\n"
               "          message_count = message_count + ($10 = 'message_sent' AND $22::text IS NULL)::int,\n"
               "          source_count = source_count + (SELECT count(*) FROM src)::int, heartbeat_at = clock_timestamp(),\n"
               "          " ADD_USAGE "\n"
               "      FROM cost WHERE x.id = $3 AND EXISTS (SELECT FROM go) RETURNING x.last_seq, x.step_count, x.created_at,\n"
               "          " STORE_COUNTERS "),\n"
               "i AS (INSERT INTO steps (session_id, id, step_number, step_type, name, parent_step_id, failed, start_seq,\n"
               "                         end_seq, seq, content, content_length, sources, message_id, usage, error,\n"
               "                         " STARTED_COLUMNS ", completed_at, end_given, computed_cost_usd, end_mark,\n"
               "                         " MORE_COLUMNS ")\n"
               "      SELECT $3, $4, step_count, $10, $11, $12, $22 IS NOT NULL, last_seq, last_seq, last_seq, $13,\n"
               "             $14, $15, $17, $21, $22,\n"
               "             coalesce(began.at, least(t, ended)), t, began.at IS NOT NULL,\n"
               "             began.us IS NOT NULL AND began.at IS NULL OR $24::bigint IS NOT NULL AND ended IS NULL,\n"
               "             greatest(began.at, coalesce(ended, t)), ended IS NOT NULL, cost.usd, $30::bytea, $25, $26, $27, $28, $29\n"
               "      FROM u, cost, " STARTED_FROM(
                   "$23") ",\n"
                          "           LATERAL given_time($24::bigint, 'epoch', t + interval '1 day') ended RETURNING *)\n"
                          "SELECT CASE WHEN u.last_seq IS NOT NULL THEN 201 WHEN p.id IS NOT NULL THEN 200\n"
                          "            " STORE_REFUSALS
                          " WHEN s.id IS NULL THEN 404 WHEN s.status <> 'running' THEN 409\n"
                          "            WHEN $12 IS NOT NULL AND NOT EXISTS (SELECT FROM parent) THEN 400 ELSE 0 END,\n"
                          "       s.status, u.counters, " STEP_COLUMNS_WHOLE "\n"
                          "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN u ON true\n"
                          "LEFT JOIN (SELECT * FROM i UNION ALL SELECT * FROM dup) p ON true",
};

struct store_answer store_step_record(struct pg *pg, const struct caller *caller, const char *session,
                                      const struct store_step_input *in, struct store_step_seen *out)
{
    const char *params[] = {caller->secret,
                            caller->workspace,
                            session,
                            in->id,
                            in->model,
                            in->input_tokens,
                            in->output_tokens,
                            in->reasoning_tokens,
                            in->cost_usd,
                            in->type,
                            in->name,
                            in->parent_id,
                            in->content,
                            in->content_length,
                            in->sources,
                            in->source_keys,
                            in->message_id,
                            in->cache_read_tokens,
                            in->cache_write_tokens,
                            in->total_tokens,
                            in->usage,
                            in->error,
                            in->started_us,
                            in->completed_us,
                            in->more.input,
                            in->more.output,
                            in->more.attributes,
                            in->more.events,
                            in->more.links,
                            in->end.mark};
    return run(pg, &record, 30, params, out);
}

// What a put has said already of the end of a step that is open, and what an ending here would replace by nothing: such
// a step is ended by a put (200).
#define SAID_OF_ITS_END "num_nonnulls(sources, message_id, usage, error) > 0"

// The session is locked before the step, and its counter is raised only if the step was found open.
static const struct pg_statement complete PG_STATEMENT = {
    "step_complete",
    "WITH " STORE_TOKEN ",\n"
    "s AS MATERIALIZED (" STORE_OWN_SESSION " FOR NO KEY UPDATE),\n"
    "was AS MATERIALIZED (SELECT * FROM steps WHERE session_id = $3 AND id = $4 AND EXISTS (SELECT FROM s)),\n"
    "o AS MATERIALIZED (SELECT step_type FROM steps WHERE session_id = $3 AND id = $4 AND end_seq IS NULL\n"
    "                   AND step_type <> ALL (coalesce($17::text[], '{}')) AND NOT " SAID_OF_ITS_END "\n"
    "                   AND EXISTS (SELECT FROM s WHERE status = 'running') FOR NO KEY UPDATE),\n" COST(
        "$15") "src AS (INSERT INTO session_sources (session_id, key)\n"
               "        SELECT DISTINCT $3, md5(key) FROM unnest($13::text[]) key WHERE EXISTS (SELECT FROM o)\n"
               "        ON CONFLICT DO NOTHING RETURNING key),\n"
               "u AS (UPDATE agent_sessions x SET last_seq = last_seq + 1, open_steps = open_steps - 1,\n"
               "          message_count = message_count + (o.step_type = 'message_sent' AND $16::text IS NULL)::int,\n"
               "          source_count = source_count + (SELECT count(*) FROM src)::int, heartbeat_at = clock_timestamp(),\n"
               "          " ADD_USAGE "\n"
               "      FROM o, cost WHERE x.id = $3 RETURNING x.last_seq),\n"
               "p AS (UPDATE steps SET end_seq = u.last_seq, seq = u.last_seq, failed = $16 IS NOT NULL,\n"
               "          content = coalesce($10, content), content_length = coalesce($11, content_length),\n"
               "          sources = $12, message_id = $14, usage = $15, computed_cost_usd = cost.usd, error = $16, end_mark = $27::bytea,\n"
               "          completed_at = greatest(started_at, coalesce(ended, t)), end_given = ended IS NOT NULL,\n"
               "          times_adjusted = times_adjusted OR $21::bigint IS NOT NULL AND ended IS NULL,\n"
               "          input = coalesce($22, input), output = coalesce($23, output),\n"
               "          attributes = coalesce($24, attributes), events = coalesce($25, events), links = coalesce($26, links)\n"
               "      FROM u, cost, clock_timestamp() t, LATERAL given_time($21::bigint, 'epoch', t + interval '1 day') ended\n"
               "      WHERE session_id = $3 AND id = $4 RETURNING steps.*)\n"
               "SELECT CASE WHEN EXISTS (SELECT FROM u) THEN 201 WHEN p.id IS NOT NULL THEN 200\n"
               "            " STORE_REFUSALS " WHEN s.id IS NULL THEN 404\n"
               "            WHEN s.status <> 'pending' AND NOT EXISTS (SELECT FROM was) THEN 404\n"
               "            WHEN s.status <> 'running' THEN 409\n"
               "            WHEN EXISTS (SELECT FROM was WHERE step_type = ANY ($17)) THEN 400\n"
               "            WHEN EXISTS (SELECT FROM was WHERE end_seq IS NULL AND " SAID_OF_ITS_END
               ") THEN 200 ELSE 0 END,\n"
               "       s.status, NULL::text[], " STEP_COLUMNS_WHOLE "\n"
               "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true\n"
               "LEFT JOIN (SELECT * FROM p UNION ALL SELECT * FROM was WHERE end_seq IS NOT NULL) p ON true",
};

struct store_answer store_step_complete(struct pg *pg, const struct caller *caller, const char *session,
                                        const struct store_step_input *in, struct store_step_seen *out)
{
    const char *params[] = {caller->secret,
                            caller->workspace,
                            session,
                            in->id,
                            in->model,
                            in->input_tokens,
                            in->output_tokens,
                            in->reasoning_tokens,
                            in->cost_usd,
                            in->content,
                            in->content_length,
                            in->sources,
                            in->source_keys,
                            in->message_id,
                            in->usage,
                            in->error,
                            in->misfits,
                            in->cache_read_tokens,
                            in->cache_write_tokens,
                            in->total_tokens,
                            in->completed_us,
                            in->more.input,
                            in->more.output,
                            in->more.attributes,
                            in->more.events,
                            in->more.links,
                            in->end.mark};
    return run(pg, &complete, 27, params, out);
}
