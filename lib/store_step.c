#include "lib/store_step.h"

#include <assert.h>
#include "lib/store_caller.h"
#include "lib/store_counters.h"

// What every write of a step answers: how it went, the session's state, what publish_session_progress() wants, the
// step.
enum { ANSWER, STATUS, COUNTERS, STEP };

// The session's totals after a completed step, of parameters that record and complete have in common; an absent number
// changes nothing.
#define ADD_USAGE                                                                                                      \
    "usage_model = coalesce($5, x.usage_model),\n"                                                                     \
    "          input_tokens = coalesce(x.input_tokens + $6::bigint, x.input_tokens, $6::bigint),\n"                    \
    "          output_tokens = coalesce(x.output_tokens + $7::bigint, x.output_tokens, $7::bigint),\n"                 \
    "          reasoning_tokens = coalesce(x.reasoning_tokens + $8::bigint, x.reasoning_tokens, $8::bigint),\n"        \
    "          cost_usd = coalesce(x.cost_usd + $9::numeric, x.cost_usd, $9::numeric)"

void store_step_result_fini(struct store_step_result *result)
{
    PQclear(result->rows);
    result->rows = NULL;
}

static void read_result(struct store_step_result *out)
{
    out->session_status = pg_str(out->rows, 0, STATUS);
    publish_read_progress(&out->session, out->rows, 0, COUNTERS);
    step_json_read(&out->step, out->rows, 0, STEP);
}

static int run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
               struct store_step_result *out)
{
    *out = (struct store_step_result){0};
    struct answer answer = answer_run(pg, statement, n, params);
    out->rows = answer.rows;
    if (answer.rows)
        read_result(out);
    return answer.code;
}

// The update comes first and is itself the lock: it is re-checked on the newest row, and the insertion hangs on it. Two
// with the same id: the second violates the key and is undone with its number. This is by far the most frequent
// statement, so it does nothing but write and answers only what the caller does not know; if it writes nothing, the one
// below says why. A step without a parent does not pay for looking for one.
#define START(parent_is_there)                                                                                         \
    "WITH u AS (\n"                                                                                                    \
    "    UPDATE agent_sessions x SET last_seq = last_seq + 1, step_count = step_count + 1,\n"                          \
    "        open_steps = open_steps + 1, current_step_type = $5, heartbeat_at = clock_timestamp()\n"                  \
    "    WHERE x.id = $3 AND x.workspace_id IS NOT DISTINCT FROM $2 AND x.status IS NOT DISTINCT FROM 'running'\n"     \
    "    AND x.persona_id = (SELECT persona_id FROM tokens WHERE hash = sha256($1::text::bytea)\n"                     \
    "                        AND revoked_at IS NULL AND workspace_id = $2 AND 'sessions:write' = ANY (scopes))\n"      \
    "    " parent_is_there "RETURNING x.last_seq, x.step_count, " STORE_COUNTERS ")\n"                                 \
    "INSERT INTO steps (session_id, id, step_number, step_type, name, parent_step_id, start_seq, seq,\n"               \
    "                   start_content, start_length, started_at)\n"                                                    \
    "SELECT $3, $4, step_count, $5, $6, $7, last_seq, last_seq, $8, $9, clock_timestamp() FROM u\n"                    \
    "RETURNING (SELECT counters FROM u), step_number, seq, started_at"
enum { STARTED_COUNTERS, STARTED_NUMBER, STARTED_SEQ, STARTED_AT };

static const struct pg_statement start PG_STATEMENT = {"step_start", START("")};
static const struct pg_statement start_child PG_STATEMENT = {
    "step_start_child", START("AND EXISTS (SELECT FROM steps WHERE session_id = $3 AND id = $7) ")};

// The same with its reasons. It writes if what was in the way has gone meanwhile.
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
    "      RETURNING x.last_seq, x.step_count, " STORE_COUNTERS "),\n"
    "i AS (INSERT INTO steps (session_id, id, step_number, step_type, name, parent_step_id, start_seq, seq,\n"
    "                         start_content, start_length, started_at)\n"
    "      SELECT $3, $4, step_count, $5, $6, $7, last_seq, last_seq, $8, $9, clock_timestamp()\n"
    "      FROM u RETURNING *)\n"
    "SELECT CASE WHEN u.last_seq IS NOT NULL THEN 201 WHEN p.id IS NOT NULL THEN 200\n"
    "            " STORE_REFUSALS " WHEN s.id IS NULL THEN 404 WHEN s.status <> 'running' THEN 409\n"
    "            WHEN $7 IS NOT NULL AND NOT EXISTS (SELECT FROM parent) THEN 400 ELSE 0 END,\n"
    "       s.status, u.counters, " STEP_COLUMNS_WHOLE "\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN u ON true\n"
    "LEFT JOIN (SELECT * FROM i UNION ALL SELECT * FROM dup) p ON true",
};

// The step as the statement has written it: of what was sent, and of what the statement says.
static void read_started(struct store_step_result *out, const char *session, const struct store_step_input *in)
{
    int64_t length = 0;
    bool is_sized = in->content_length && str_to_i64(str_from(in->content_length), &length) == 0;
    assert(is_sized == (in->content != NULL));
    publish_read_progress(&out->session, out->rows, 0, STARTED_COUNTERS);
    int64_t seq = pg_i64(out->rows, 0, STARTED_SEQ);
    out->step = (struct step_row){
        .id = str_from(in->id),
        .session_id = str_from(session),
        .number = pg_i64(out->rows, 0, STARTED_NUMBER),
        .type = str_from(in->type),
        .name = str_from(in->name),
        .parent_id = str_from(in->parent_id),
        .start_seq = seq,
        .seq = seq,
        .start_length = length,
        .started_at = pg_time(out->rows, 0, STARTED_AT),
        .start_content = str_from(in->content),
    };
}

int store_step_start(struct pg *pg, const struct caller *caller, const char *session, const struct store_step_input *in,
                     struct store_step_result *out)
{
    const char *params[] = {caller->secret, caller->workspace, session,           in->id, in->type, in->name,
                            in->parent_id,  in->content,       in->content_length};
    *out = (struct store_step_result){0};
    enum pg_outcome outcome = pg_run(pg, in->parent_id ? &start_child : &start, 9, params, &out->rows);
    if (outcome == PG_OK && PQntuples(out->rows) > 0) {
        read_started(out, session, in);
        return 201;
    }
    store_step_result_fini(out);
    return outcome == PG_OK || outcome == PG_AGAIN ? run(pg, &start_or_why, 9, params, out)
                                                   : answer_failed(outcome, &start);
}

// Sources are counted before the session is raised, so here the lock comes first.
static const struct pg_statement record PG_STATEMENT = {
    "step_record",
    "WITH " STORE_TOKEN ",\n"
    "s AS MATERIALIZED (" STORE_OWN_SESSION " FOR NO KEY UPDATE),\n"
    "dup AS MATERIALIZED (SELECT * FROM steps WHERE session_id = $3 AND id = $4 AND EXISTS (SELECT FROM s)),\n"
    "parent AS MATERIALIZED (SELECT id FROM steps WHERE session_id = $3 AND id = $12),\n"
    "go AS MATERIALIZED (SELECT id FROM s WHERE status = 'running' AND NOT EXISTS (SELECT FROM dup)\n"
    "                    AND ($12::text IS NULL OR EXISTS (SELECT FROM parent))),\n"
    "src AS (INSERT INTO session_sources (session_id, key)\n"
    "        SELECT DISTINCT $3, md5(key) FROM unnest($16::text[]) key WHERE EXISTS (SELECT FROM go)\n"
    "        ON CONFLICT DO NOTHING RETURNING key),\n"
    "u AS (UPDATE agent_sessions x SET last_seq = last_seq + 1, step_count = step_count + 1,\n"
    "          current_step_type = $10,\n"
    "          message_count = message_count + ($10 = 'message_sent' AND $19::text IS NULL)::int,\n"
    "          source_count = source_count + (SELECT count(*) FROM src)::int, heartbeat_at = clock_timestamp(),\n"
    "          " ADD_USAGE "\n"
    "      WHERE x.id = $3 AND EXISTS (SELECT FROM go) RETURNING x.last_seq, x.step_count, " STORE_COUNTERS "),\n"
    "i AS (INSERT INTO steps (session_id, id, step_number, step_type, name, parent_step_id, failed, start_seq,\n"
    "                         end_seq, seq, content, content_length, sources, message_id, usage, error,\n"
    "                         started_at, completed_at)\n"
    "      SELECT $3, $4, step_count, $10, $11, $12, $19 IS NOT NULL, last_seq, last_seq, last_seq, $13,\n"
    "             $14, $15, $17, $18, $19, t, t FROM u, clock_timestamp() t RETURNING *)\n"
    "SELECT CASE WHEN u.last_seq IS NOT NULL THEN 201 WHEN p.id IS NOT NULL THEN 200\n"
    "            " STORE_REFUSALS " WHEN s.id IS NULL THEN 404 WHEN s.status <> 'running' THEN 409\n"
    "            WHEN $12 IS NOT NULL AND NOT EXISTS (SELECT FROM parent) THEN 400 ELSE 0 END,\n"
    "       s.status, u.counters, " STEP_COLUMNS_WHOLE "\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true LEFT JOIN u ON true\n"
    "LEFT JOIN (SELECT * FROM i UNION ALL SELECT * FROM dup) p ON true",
};

int store_step_record(struct pg *pg, const struct caller *caller, const char *session,
                      const struct store_step_input *in, struct store_step_result *out)
{
    const char *params[] = {caller->secret, caller->workspace,  session,           in->id,
                            in->model,      in->input_tokens,   in->output_tokens, in->reasoning_tokens,
                            in->cost_usd,   in->type,           in->name,          in->parent_id,
                            in->content,    in->content_length, in->sources,       in->source_keys,
                            in->message_id, in->usage,          in->error};
    return run(pg, &record, 19, params, out);
}

// Session, then step; raised only if the lock found the step open.
static const struct pg_statement complete PG_STATEMENT = {
    "step_complete",
    "WITH " STORE_TOKEN ",\n"
    "s AS MATERIALIZED (" STORE_OWN_SESSION " FOR NO KEY UPDATE),\n"
    "was AS MATERIALIZED (SELECT * FROM steps WHERE session_id = $3 AND id = $4 AND EXISTS (SELECT FROM s)),\n"
    "o AS MATERIALIZED (SELECT step_type FROM steps WHERE session_id = $3 AND id = $4 AND end_seq IS NULL\n"
    "                   AND step_type <> ALL (coalesce($17::text[], '{}'))\n"
    "                   AND EXISTS (SELECT FROM s WHERE status = 'running') FOR NO KEY UPDATE),\n"
    "src AS (INSERT INTO session_sources (session_id, key)\n"
    "        SELECT DISTINCT $3, md5(key) FROM unnest($13::text[]) key WHERE EXISTS (SELECT FROM o)\n"
    "        ON CONFLICT DO NOTHING RETURNING key),\n"
    "u AS (UPDATE agent_sessions x SET last_seq = last_seq + 1, open_steps = open_steps - 1,\n"
    "          message_count = message_count + (o.step_type = 'message_sent' AND $16::text IS NULL)::int,\n"
    "          source_count = source_count + (SELECT count(*) FROM src)::int, heartbeat_at = clock_timestamp(),\n"
    "          " ADD_USAGE "\n"
    "      FROM o WHERE x.id = $3 RETURNING x.last_seq),\n"
    "p AS (UPDATE steps SET end_seq = u.last_seq, seq = u.last_seq, failed = $16 IS NOT NULL,\n"
    "          content = coalesce($10, content), content_length = coalesce($11, content_length),\n"
    "          sources = $12, message_id = $14, usage = $15, error = $16,\n"
    "          completed_at = greatest(started_at, clock_timestamp())\n"
    "      FROM u WHERE session_id = $3 AND id = $4 RETURNING steps.*)\n"
    "SELECT CASE WHEN EXISTS (SELECT FROM u) THEN 201 WHEN p.id IS NOT NULL THEN 200\n"
    "            " STORE_REFUSALS " WHEN s.id IS NULL THEN 404\n"
    "            WHEN s.status <> 'pending' AND NOT EXISTS (SELECT FROM was) THEN 404\n"
    "            WHEN s.status <> 'running' THEN 409\n"
    "            WHEN EXISTS (SELECT FROM was WHERE step_type = ANY ($17)) THEN 400 ELSE 0 END,\n"
    "       s.status, NULL::text[], " STEP_COLUMNS_WHOLE "\n"
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true\n"
    "LEFT JOIN (SELECT * FROM p UNION ALL SELECT * FROM was WHERE end_seq IS NOT NULL) p ON true",
};

int store_step_complete(struct pg *pg, const struct caller *caller, const char *session,
                        const struct store_step_input *in, struct store_step_result *out)
{
    const char *params[] = {
        caller->secret,    caller->workspace,    session,      in->id,      in->model,          in->input_tokens,
        in->output_tokens, in->reasoning_tokens, in->cost_usd, in->content, in->content_length, in->sources,
        in->source_keys,   in->message_id,       in->usage,    in->error,   in->misfits};
    return run(pg, &complete, 17, params, out);
}
