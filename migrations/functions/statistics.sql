-- Statistics are kept by the sweeper. Whatever changes as what a session is counted puts it into a queue. The sweeper counts the queued
-- sessions anew, each into its row of session_statistics, and sums the hours that these rows were and are in from all their rows. So a late
-- step, a session that runs again and one that is deleted are corrected, and no session counts twice.

-- Durations are counted in buckets, each 1.04 times as long as the one before: a quantile that is read from them is off by 2 % at most.
CREATE OR REPLACE FUNCTION duration_bucket(ms bigint) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN ms > 1 THEN ceil(ln(ms::float8) / ln(1.04::float8)) WHEN ms IS NOT NULL THEN 0 END::smallint
$$;

CREATE OR REPLACE FUNCTION bucket_ms(bucket integer) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT round(1.04::float8 ^ bucket * 2 / 2.04)::bigint
$$;

CREATE OR REPLACE FUNCTION queue_statistics() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_queue (session_id) VALUES (coalesce(NEW.id, OLD.id));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER agent_sessions_counted AFTER INSERT OR DELETE ON agent_sessions FOR EACH ROW EXECUTE FUNCTION queue_statistics();
-- Every step updates the session's row: one that runs on is told from one that counts otherwise without a call.
CREATE OR REPLACE TRIGGER agent_sessions_recounted AFTER UPDATE ON agent_sessions FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.pruned_at IS DISTINCT FROM NEW.pruned_at
          OR OLD.usage_model IS NULL AND NEW.usage_model IS NOT NULL
          OR NEW.status NOT IN ('pending', 'running') AND OLD.last_seq IS DISTINCT FROM NEW.last_seq)
    EXECUTE FUNCTION queue_statistics();

-- By what a step that calls something is counted: the name of its tool; NULL: it calls nothing.
CREATE OR REPLACE FUNCTION counted_tool(p steps) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN p.step_type IN ('web_search', 'workspace_search', 'visit_page', 'retrieval', 'embedding') THEN p.step_type
                WHEN p.step_type NOT IN ('tool_call', 'tool_error') THEN NULL
                ELSE left(coalesce(p.name, CASE WHEN left(coalesce(p.content, p.start_content), 1) = '{'
                                                THEN coalesce(p.content, p.start_content)::json ->> 'tool' END, p.step_type), 200) END;
END $$;

-- By what an error without a code is counted: its first line, in which every number is the same.
CREATE OR REPLACE FUNCTION counted_message(message text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(regexp_replace(regexp_replace(split_part(left(message, 1000), E'\n', 1), '\m(?=\w*\d)[[:alnum:]_-]{12,}\M', '#', 'g'),
                               '\d+', '#', 'g'), 160)
$$;

-- What the ended steps of these sessions are counted as. Names beyond the 200 most frequent ones of a kind in a session are left out.
-- Planned for each array: partitions are left out by values alone.
CREATE OR REPLACE FUNCTION parts_of(sessions text[]) RETURNS TABLE (session text, parts statistics_part[]) LANGUAGE plpgsql STABLE
SET enable_nestloop = off SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    WITH p AS MATERIALIZED (
        SELECT x.session_id, x.id, x.step_number, x.failed, duration_ms(x.started_at, x.completed_at) AS ms, counted_tool(x) AS tool,
               CASE WHEN x.failed THEN x.error::json END AS error, x.usage::jsonb AS usage, x.computed_cost_usd
        FROM steps x WHERE x.session_id = ANY (sessions) AND x.end_seq IS NOT NULL),
    calls AS MATERIALIZED (
        SELECT session_id, 'tool' AS kind, tool AS name, failed, ms, id, ms AS rank, NULL::bigint AS tokens, NULL::numeric AS cost
        FROM p WHERE tool IS NOT NULL
        UNION ALL
        SELECT session_id, CASE WHEN error ->> 'code' IS NULL THEN 'message' ELSE 'error' END,
               coalesce(left(error ->> 'code', 160), counted_message(error ->> 'message')), true, ms, id, step_number, NULL, NULL
        FROM p WHERE failed
        UNION ALL
        SELECT session_id, 'model', left(usage ->> 'model', 200), failed, ms, id, ms,
               coalesce((usage ->> 'inputTokens')::bigint, 0) + coalesce((usage ->> 'outputTokens')::bigint, 0),
               coalesce((usage ->> 'costUsd')::numeric, computed_cost_usd)
        FROM p WHERE usage ->> 'model' IS NOT NULL AND NOT coalesce((usage ->> 'isSum')::boolean, false)),
    histograms AS (
        SELECT session_id, kind, name, array_agg(bucket ORDER BY bucket) AS buckets, array_agg(n ORDER BY bucket) AS counts
        FROM (SELECT session_id, kind, name, duration_bucket(ms) AS bucket, count(*)::integer AS n FROM calls GROUP BY 1, 2, 3, 4) b
        GROUP BY 1, 2, 3),
    sums AS (
        SELECT session_id, kind, name, count(*) AS calls, count(*) FILTER (WHERE failed) AS failed, max(ms) AS longest_ms,
               (array_agg(id ORDER BY rank DESC, id))[1] AS step_id, sum(tokens)::bigint AS tokens, sum(cost) AS cost,
               row_number() OVER (PARTITION BY session_id, kind ORDER BY count(*) DESC, name) AS place
        FROM calls GROUP BY 1, 2, 3)
    SELECT s.session_id, array_agg(ROW(s.kind, s.name, s.calls, s.failed, h.buckets, h.counts, s.longest_ms, s.step_id, s.tokens, s.cost)::statistics_part
                                   ORDER BY s.kind, s.name)
    FROM sums s JOIN histograms h USING (session_id, kind, name) WHERE s.place <= 200 GROUP BY 1;
END $$;

-- When a step first told what the session does, since it was asked for.
CREATE OR REPLACE FUNCTION first_step_ms(s agent_sessions) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN duration_ms(least(s.created_at, s.started_at), (SELECT min(x.started_at) FROM steps x WHERE x.session_id = s.id));
END $$;

-- `parts`: those of its steps.
CREATE OR REPLACE FUNCTION counted_session(s agent_sessions, parts statistics_part[]) RETURNS session_statistics LANGUAGE plpgsql STABLE AS $$
DECLARE
    c session_statistics;
BEGIN
    c.session_id := s.id;
    c.workspace_id := s.workspace_id;
    c.hour := date_trunc('hour', coalesce(s.started_at, s.created_at), 'UTC');
    c.persona_id := s.persona_id;
    c.root_id := coalesce((SELECT x.root_id FROM streams x WHERE x.id = s.stream_id), '');
    c.model := coalesce(left(s.usage_model, 200), '');
    c.status := s.status;
    IF s.status IN ('pending', 'running') THEN
        RETURN c;
    END IF;
    c.duration_ms := duration_ms(s.started_at, s.completed_at);
    c.steps := s.step_count;
    c.input_tokens := s.input_tokens;
    c.output_tokens := s.output_tokens;
    c.cache_read_tokens := s.cache_read_tokens;
    c.cost_usd := s.cost_usd;
    c.computed_cost_usd := s.computed_cost_usd;
    IF s.pruned_at IS NULL THEN
        c.first_step_ms := first_step_ms(s);
        c.parts := parts;
        IF s.error_code IS NOT NULL THEN
            c.parts := parts || ROW('session_error', left(s.error_code, 160), 1, 1, '{}', '{}', NULL, NULL, NULL, NULL)::statistics_part;
        END IF;
    END IF;
    RETURN c;
END $$;

CREATE OR REPLACE FUNCTION is_pruned(session text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT s.pruned_at IS NOT NULL FROM agent_sessions s WHERE s.id = session);
END $$;

-- Of a session whose steps were deleted the parts stay as they were counted, but for the texts of its errors.
CREATE OR REPLACE FUNCTION parts_without_texts(parts statistics_part[]) RETURNS statistics_part[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(CASE WHEN p.kind <> 'message' THEN p
                          ELSE ROW('message', '', p.calls, p.failed, p.buckets, p.counts, NULL, NULL, NULL, NULL)::statistics_part END)
    FROM unnest(parts) p
$$;

-- Sums hours anew, of whose sessions all are named. Their rows are found by their keys; what is grouped of them is joined by hash, because
-- the planner knows nothing of how many there are, and a nested loop would group again for every row.
CREATE OR REPLACE FUNCTION sum_sessions(sessions text[]) RETURNS void LANGUAGE plpgsql VOLATILE SET enable_nestloop = off AS $$
BEGIN
    WITH r AS MATERIALIZED (
        SELECT x.* FROM session_statistics x WHERE x.session_id = ANY (sessions)),
    counted AS (
        SELECT workspace_id, hour, persona_id, root_id, model, is_first, bucket, count(*)::integer AS n
        FROM r CROSS JOIN LATERAL (VALUES (false, duration_bucket(r.duration_ms)), (true, duration_bucket(r.first_step_ms))) b(is_first, bucket)
        WHERE bucket IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7),
    histograms AS (
        SELECT workspace_id, hour, persona_id, root_id, model,
               array_agg(bucket ORDER BY bucket) FILTER (WHERE NOT is_first) AS buckets,
               array_agg(n ORDER BY bucket) FILTER (WHERE NOT is_first) AS counts,
               array_agg(bucket ORDER BY bucket) FILTER (WHERE is_first) AS first_buckets,
               array_agg(n ORDER BY bucket) FILTER (WHERE is_first) AS first_counts
        FROM counted GROUP BY 1, 2, 3, 4, 5),
    sums AS (
        SELECT workspace_id, hour, persona_id, root_id, model, count(*) AS sessions, count(*) FILTER (WHERE status = 'completed') AS completed,
               count(*) FILTER (WHERE status = 'failed') AS failed, count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
               coalesce(sum(steps), 0) AS steps, sum(input_tokens) AS input, sum(output_tokens) AS output, sum(cache_read_tokens) AS cached,
               sum(cost_usd) AS cost, sum(computed_cost_usd) AS computed
        FROM r GROUP BY 1, 2, 3, 4, 5)
    INSERT INTO statistics_hours
    SELECT s.workspace_id, s.hour, s.persona_id, s.root_id, s.model, s.sessions, s.completed, s.failed, s.cancelled, s.steps, s.input, s.output,
           s.cached, s.cost, s.computed, coalesce(h.buckets, '{}'), coalesce(h.counts, '{}'), coalesce(h.first_buckets, '{}'),
           coalesce(h.first_counts, '{}')
    FROM sums s LEFT JOIN histograms h USING (workspace_id, hour, persona_id, root_id, model);

    WITH r AS MATERIALIZED (
        SELECT x.workspace_id, p.kind, x.hour, x.persona_id, x.root_id, coalesce(p.name, '') AS name, x.session_id, p AS part
        FROM session_statistics x CROSS JOIN LATERAL unnest(x.parts) p WHERE x.session_id = ANY (sessions)),
    counted AS (
        SELECT workspace_id, kind, hour, persona_id, root_id, name, bucket, sum(n)::integer AS n
        FROM r CROSS JOIN LATERAL unnest((r.part).buckets, (r.part).counts) b(bucket, n) WHERE bucket IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7),
    histograms AS (
        SELECT workspace_id, kind, hour, persona_id, root_id, name, array_agg(bucket ORDER BY bucket) AS buckets,
               array_agg(n ORDER BY bucket) AS counts
        FROM counted GROUP BY 1, 2, 3, 4, 5, 6),
    -- What took longest; of errors, which are shown by their last one, that of the newest session.
    examples AS (
        SELECT DISTINCT ON (workspace_id, kind, hour, persona_id, root_id, name)
               workspace_id, kind, hour, persona_id, root_id, name, session_id, (part).step_id AS step_id
        FROM r ORDER BY workspace_id, kind, hour, persona_id, root_id, name,
                        CASE WHEN kind IN ('tool', 'model') THEN (part).longest_ms END DESC NULLS LAST, session_id DESC),
    sums AS (
        SELECT workspace_id, kind, hour, persona_id, root_id, name, sum((part).calls) AS calls, sum((part).failed) AS failed,
               max((part).longest_ms) AS longest_ms, sum((part).tokens)::bigint AS tokens, sum((part).cost_usd) AS cost
        FROM r GROUP BY 1, 2, 3, 4, 5, 6)
    INSERT INTO statistics_part_hours
    SELECT s.workspace_id, s.kind, s.hour, s.persona_id, s.root_id, s.name, s.calls, s.failed, coalesce(h.buckets, '{}'), coalesce(h.counts, '{}'),
           s.longest_ms, e.session_id, e.step_id, s.tokens, s.cost
    FROM sums s JOIN examples e USING (workspace_id, kind, hour, persona_id, root_id, name)
    LEFT JOIN histograms h USING (workspace_id, kind, hour, persona_id, root_id, name);
END $$;

-- Sums the hours of these personas from the rows of their sessions.
CREATE OR REPLACE FUNCTION sum_statistics(workspaces text[], hours timestamptz[], personas text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM statistics_hours x WHERE x.ctid = ANY (ARRAY(
        SELECT c.ctid FROM unnest(workspaces, hours, personas) k(w, h, p) CROSS JOIN LATERAL (
            SELECT y.ctid FROM statistics_hours y WHERE y.workspace_id = k.w AND y.hour = k.h AND y.persona_id = k.p OFFSET 0) c));
    DELETE FROM statistics_part_hours x WHERE x.ctid = ANY (ARRAY(
        SELECT c.ctid FROM unnest(workspaces, hours, personas) k(w, h, p) CROSS JOIN LATERAL (
            SELECT y.ctid FROM statistics_part_hours y
            WHERE y.workspace_id = k.w AND y.kind = ANY (statistics_kinds()) AND y.hour = k.h AND y.persona_id = k.p OFFSET 0) c));
    PERFORM sum_sessions(ARRAY(
        SELECT c.session_id FROM unnest(workspaces, hours, personas) k(w, h, p) CROSS JOIN LATERAL (
            SELECT y.session_id FROM session_statistics y WHERE y.workspace_id = k.w AND y.hour = k.h AND y.persona_id = k.p OFFSET 0) c));
    INSERT INTO statistics_stale_days
    SELECT DISTINCT workspace_id, date_trunc('day', hour, 'UTC'), persona_id
    FROM unnest(workspaces, hours, personas) k(workspace_id, hour, persona_id) ON CONFLICT DO NOTHING;
END $$;

-- The kinds of parts, so that an hour's rows are found by their key.
CREATE OR REPLACE FUNCTION statistics_kinds() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['tool', 'error', 'message', 'session_error', 'model']
$$;

-- Counts some of the sessions that wait, the oldest first: as many as a statement of the sweeper may well do. Returns how many; 0: none
-- waits, or another sweeper is at it.
CREATE OR REPLACE FUNCTION roll_up_statistics() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    ids text[];
    workspaces text[];
    hours timestamptz[];
    personas text[];
BEGIN
    IF NOT pg_try_advisory_xact_lock(7241501918) THEN
        RETURN 0;
    END IF;
    WITH oldest AS (SELECT id, session_id FROM statistics_queue ORDER BY id LIMIT 500),
    fit AS (SELECT o.id, sum(coalesce(s.step_count, 0) + 10) OVER (ORDER BY o.id) - coalesce(s.step_count, 0) AS before
            FROM oldest o LEFT JOIN agent_sessions s ON s.id = o.session_id),
    taken AS (DELETE FROM statistics_queue q USING fit WHERE q.id = fit.id AND fit.before < 50000 RETURNING q.session_id)
    SELECT array_agg(DISTINCT session_id) INTO ids FROM taken;
    IF ids IS NULL THEN
        RETURN 0;
    END IF;
    WITH was AS (SELECT workspace_id, hour, persona_id FROM session_statistics WHERE session_id = ANY (ids)),
    written AS (
        INSERT INTO session_statistics AS c
        SELECT n.* FROM agent_sessions s LEFT JOIN parts_of(ids) p ON p.session = s.id CROSS JOIN LATERAL counted_session(s, p.parts) n
        WHERE s.id = ANY (ids)
        ON CONFLICT (session_id) DO UPDATE
        SET (hour, persona_id, root_id, model, status, duration_ms, first_step_ms, steps, input_tokens, output_tokens, cache_read_tokens,
             cost_usd, computed_cost_usd, parts) =
            (excluded.hour, excluded.persona_id, excluded.root_id, excluded.model, excluded.status, excluded.duration_ms,
             CASE WHEN is_pruned(c.session_id) THEN c.first_step_ms ELSE excluded.first_step_ms END, excluded.steps, excluded.input_tokens,
             excluded.output_tokens, excluded.cache_read_tokens, excluded.cost_usd, excluded.computed_cost_usd,
             CASE WHEN is_pruned(c.session_id) THEN parts_without_texts(c.parts) ELSE excluded.parts END)
        RETURNING workspace_id, hour, persona_id),
    gone AS (
        DELETE FROM session_statistics x
        WHERE x.session_id = ANY (ids) AND NOT EXISTS (SELECT FROM agent_sessions s WHERE s.id = x.session_id))
    SELECT array_agg(k.workspace_id), array_agg(k.hour), array_agg(k.persona_id) INTO workspaces, hours, personas
    FROM (SELECT * FROM was UNION SELECT * FROM written) k;
    PERFORM sum_statistics(workspaces, hours, personas);
    RETURN cardinality(ids);
END $$;
