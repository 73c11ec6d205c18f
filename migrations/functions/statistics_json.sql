-- What the statistics of a workspace say, from the sums alone: however many sessions there were, an hour or day of a persona in a channel
-- with a model is one row.

-- The channels and scratchpads whose sessions the reader may read, threads with them. Sessions without a stream have the root '': people
-- read all of those, a persona its own.
CREATE OR REPLACE FUNCTION readable_roots(reader text, workspace text) RETURNS TABLE (root text, only_of text) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT r, NULL::text FROM roots_readable_by(reader, workspace) r;
    RETURN QUERY SELECT '', CASE WHEN reader LIKE 'per\_%' THEN reader END;
END $$;

-- By what a row is grouped: the beginning of its hour or day, or an id or name.
CREATE OR REPLACE FUNCTION statistics_key(by text, zone text, hour timestamptz, persona text, root text, model text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE by WHEN 'hour' THEN to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                   WHEN 'day' THEN to_char(hour AT TIME ZONE zone, 'YYYY-MM-DD')
                   WHEN 'persona' THEN persona WHEN 'stream' THEN root ELSE model END
$$;

-- A key as people read it; NULL: it is so already.
CREATE OR REPLACE FUNCTION statistics_name(by text, key text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE by WHEN 'persona' THEN (SELECT p.name FROM personas p WHERE p.id = key)
                   WHEN 'stream' THEN (SELECT s.name FROM streams s WHERE s.id = key) END;
END $$;

CREATE OR REPLACE FUNCTION quantiles_json(p50 integer, p95 integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '{"p50":' || bucket_ms(p50) || ',"p95":' || bucket_ms(p95) || '}'
$$;

-- Sessions by hour, day, persona, stream or model: {totals, rows, more}. `hours` are rows of statistics_hours that the caller may read,
-- with their keys.
CREATE OR REPLACE FUNCTION session_statistics_json(reader text, workspace text, began timestamptz, ended timestamptz, by text, zone text,
                                                   persona text, stream text, wanted_model text, most integer) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH h AS MATERIALIZED (
            SELECT statistics_key(by, zone, x.hour, x.persona_id, x.root_id, x.model) AS key, x.*
            FROM statistics_rows(workspace, began, ended, by = 'hour' OR by = 'day' AND zone <> 'UTC') x
            JOIN readable_roots(reader, workspace) r ON r.root = x.root_id AND coalesce(r.only_of, x.persona_id) = x.persona_id
            WHERE (persona IS NULL OR x.persona_id = persona)
              AND (stream IS NULL OR x.root_id = stream) AND (wanted_model IS NULL OR x.model = wanted_model)),
        sums AS (
            SELECT key, grouping(key) AS is_total, sum(sessions) AS sessions, sum(completed) AS completed, sum(failed) AS failed,
                   sum(cancelled) AS cancelled, sum(steps) AS steps, sum(input_tokens) AS input, sum(output_tokens) AS output,
                   sum(cache_read_tokens) AS cached, sum(cost_usd) AS cost, sum(computed_cost_usd) AS computed
            FROM h GROUP BY GROUPING SETS ((key), ())),
        shown AS (
            SELECT *, CASE WHEN is_total = 0 THEN row_number() OVER (PARTITION BY is_total ORDER BY
                       CASE WHEN by IN ('hour', 'day') THEN key END, sessions DESC, key) END AS place
            FROM sums),
        counted AS (
            SELECT key, grouping(key) AS is_total, false AS is_first, bucket, sum(n) AS n
            FROM h CROSS JOIN LATERAL unnest(duration_buckets, duration_counts) u(bucket, n)
            GROUP BY GROUPING SETS ((key, bucket), (bucket))
            UNION ALL
            SELECT key, grouping(key), true, bucket, sum(n) FROM h CROSS JOIN LATERAL unnest(first_buckets, first_counts) u(bucket, n)
            GROUP BY GROUPING SETS ((key, bucket), (bucket))),
        ranked AS (
            SELECT key, is_total, is_first, bucket, sum(n) OVER w AS upto, sum(n) OVER (PARTITION BY is_total, key, is_first) AS total
            FROM counted WINDOW w AS (PARTITION BY is_total, key, is_first ORDER BY bucket)),
        quantiles AS MATERIALIZED (
            SELECT key, is_total,
                   quantiles_json(min(bucket) FILTER (WHERE NOT is_first AND upto >= 0.5 * total),
                                  min(bucket) FILTER (WHERE NOT is_first AND upto >= 0.95 * total)) AS durations,
                   quantiles_json(min(bucket) FILTER (WHERE is_first AND upto >= 0.5 * total),
                                  min(bucket) FILTER (WHERE is_first AND upto >= 0.95 * total)) AS firsts
            FROM ranked GROUP BY 1, 2),
        printed AS (
            SELECT s.is_total, s.place,
                   concat('{', CASE WHEN s.is_total = 0 THEN concat('"key":', to_json(s.key), ',"name":' || to_json(statistics_name(by, s.key))::text, ',') END,
                          '"sessions":', coalesce(s.sessions, 0), ',"completed":', coalesce(s.completed, 0), ',"failed":', coalesce(s.failed, 0),
                          ',"cancelled":', coalesce(s.cancelled, 0), ',"steps":', coalesce(s.steps, 0), ',"durationMs":' || q.durations,
                          ',"firstStepMs":' || q.firsts, ',"inputTokens":' || s.input, ',"outputTokens":' || s.output,
                          ',"cacheReadTokens":' || s.cached, ',"costUsd":' || trim_scale(s.cost),
                          CASE WHEN s.computed IS NOT NULL THEN ',"costComputed":true' END, '}') AS json
            FROM shown s LEFT JOIN quantiles q ON q.is_total = s.is_total AND q.key IS NOT DISTINCT FROM s.key
            WHERE s.is_total = 1 OR s.place <= most)
        SELECT concat('"totals":', (SELECT json FROM printed WHERE is_total = 1), ',"rows":[',
                      (SELECT string_agg(json, ',' ORDER BY place) FROM printed WHERE is_total = 0), ']',
                      CASE WHEN (SELECT count(*) FROM sums WHERE is_total = 0) > most THEN ',"more":true' END));
END $$;

-- Tools and calls of models, the slowest first, or errors, the most frequent first: {rows, more}.
CREATE OR REPLACE FUNCTION part_statistics_json(reader text, workspace text, began timestamptz, ended timestamptz, by text, persona text,
                                                stream text, most integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    kinds CONSTANT text[] := CASE by WHEN 'error' THEN ARRAY['error', 'message', 'session_error'] WHEN 'call' THEN ARRAY['model'] ELSE ARRAY['tool'] END;
BEGIN
    RETURN (
        WITH h AS MATERIALIZED (
            SELECT x.* FROM statistics_part_rows(workspace, kinds, began, ended) x
            JOIN readable_roots(reader, workspace) r ON r.root = x.root_id AND coalesce(r.only_of, x.persona_id) = x.persona_id
            WHERE (persona IS NULL OR x.persona_id = persona) AND (stream IS NULL OR x.root_id = stream)),
        counted AS (
            SELECT kind, name, bucket, sum(n) AS n FROM h CROSS JOIN LATERAL unnest(buckets, counts) u(bucket, n) GROUP BY 1, 2, 3),
        ranked AS (
            SELECT kind, name, bucket, sum(n) OVER (PARTITION BY kind, name ORDER BY bucket) AS upto, sum(n) OVER (PARTITION BY kind, name) AS total
            FROM counted),
        quantiles AS MATERIALIZED (
            SELECT kind, name, min(bucket) FILTER (WHERE upto >= 0.5 * total) AS p50, min(bucket) FILTER (WHERE upto >= 0.95 * total) AS p95
            FROM ranked GROUP BY 1, 2),
        sums AS (
            SELECT kind, name, sum(calls) AS calls, sum(failed) AS failed, max(longest_ms) AS longest_ms, sum(tokens) AS tokens, sum(cost_usd) AS cost,
                   -- The example of the row that comes last by this: what took longest, or the newest. One pass, without sorting.
                   max(concat_ws(' ', lpad((CASE WHEN by <> 'error' THEN longest_ms ELSE extract(epoch FROM hour) END)::bigint::text, 15, '0'),
                                 session_id, step_id) COLLATE "C") AS example
            FROM h GROUP BY 1, 2),
        placed AS (
            SELECT s.*, q.p50, q.p95,
                   row_number() OVER (ORDER BY CASE WHEN by = 'error' THEN s.calls ELSE q.p95 END DESC NULLS LAST, s.calls DESC, s.name, s.kind) AS place
            FROM sums s LEFT JOIN quantiles q USING (kind, name))
        SELECT concat('"rows":[', string_agg(
                   concat('{"key":', to_json(name), CASE WHEN by = 'error' THEN concat(',"of":"', CASE kind WHEN 'session_error' THEN 'session' ELSE 'step' END, '"') END,
                          CASE WHEN by = 'error' THEN ',"count":' || calls ELSE concat(',"calls":', calls, ',"failed":', failed, ',"durationMs":' || quantiles_json(p50, p95),
                                                                                        ',"longestMs":' || longest_ms) END,
                          CASE WHEN by = 'call' THEN concat(',"tokens":' || tokens, ',"costUsd":' || trim_scale(cost)) END,
                          ',"sessionId":"', split_part(example, ' ', 2), '"',
                          ',"stepId":"' || nullif(split_part(example, ' ', 3), '') || '"', '}'), ',' ORDER BY place) FILTER (WHERE place <= most), ']',
                   CASE WHEN count(*) > most THEN ',"more":true' END)
        FROM placed);
END $$;

CREATE OR REPLACE FUNCTION is_time_zone(zone text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM now() AT TIME ZONE zone;
    RETURN true;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN false;
END $$;
