-- Days of UTC that are over, each summed from its hours; and months, of what there are most rows: of tools, errors and calls of models,
-- each summed from its days.

-- Histograms of many rows as one.
CREATE OR REPLACE FUNCTION day_histogram(buckets smallint[], counts integer[]) RETURNS TABLE (bs smallint[], cs integer[]) LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(b ORDER BY b), '{}'), coalesce(array_agg(n ORDER BY b), '{}')
    FROM (SELECT b, sum(c)::integer AS n FROM unnest(buckets, counts) x(b, c) GROUP BY b) y
$$;

-- All elements of the arrays, one behind the other.
CREATE OR REPLACE AGGREGATE array_chain(anycompatiblearray) (SFUNC = array_cat, STYPE = anycompatiblearray, INITCOND = '{}');

CREATE OR REPLACE FUNCTION sum_day(workspace text, began timestamptz, persona text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM statistics_days x WHERE x.workspace_id = workspace AND x.hour = began AND x.persona_id = persona;
    INSERT INTO statistics_days
    SELECT workspace, began, persona, s.root_id, s.model, s.sessions, s.completed, s.failed, s.cancelled, s.steps, s.input, s.output, s.cached,
           s.cost, s.computed, d.bs, d.cs, f.bs, f.cs
    FROM (SELECT x.root_id, x.model, sum(x.sessions) AS sessions, sum(x.completed) AS completed, sum(x.failed) AS failed,
                 sum(x.cancelled) AS cancelled, sum(x.steps) AS steps, sum(x.input_tokens) AS input, sum(x.output_tokens) AS output,
                 sum(x.cache_read_tokens) AS cached, sum(x.cost_usd) AS cost, sum(x.computed_cost_usd) AS computed,
                 array_chain(x.duration_buckets) AS db, array_chain(x.duration_counts) AS dc, array_chain(x.first_buckets) AS fb,
                 array_chain(x.first_counts) AS fc
          FROM statistics_hours x
          WHERE x.workspace_id = workspace AND x.hour >= began AND x.hour < began + interval '1 day' AND x.persona_id = persona GROUP BY 1, 2) s,
         LATERAL day_histogram(s.db, s.dc) d, LATERAL day_histogram(s.fb, s.fc) f;
    PERFORM sum_parts('statistics_part_hours', 'statistics_part_days', workspace, began, interval '1 day', persona);
    INSERT INTO statistics_stale_months VALUES (workspace, date_trunc('month', began, 'UTC'), persona) ON CONFLICT DO NOTHING;
END $$;

-- Sums the rows of a persona that `source` has of a time into `target`.
CREATE OR REPLACE FUNCTION sum_parts(source regclass, target regclass, workspace text, began timestamptz, length interval, persona text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    ended CONSTANT timestamptz := (began AT TIME ZONE 'UTC' + length) AT TIME ZONE 'UTC';
BEGIN
    EXECUTE format('DELETE FROM %s x WHERE x.workspace_id = $1 AND x.kind = ANY (statistics_kinds()) AND x.hour = $2 AND x.persona_id = $3', target)
    USING workspace, began, persona;
    EXECUTE format($sum$
        INSERT INTO %s
        SELECT $1, s.kind, $2, $3, s.root_id, s.name, s.calls, s.failed, h.bs, h.cs, s.longest_ms, s.example ->> 0, s.example ->> 1, s.tokens, s.cost
        FROM (SELECT x.kind, x.root_id, x.name, sum(x.calls) AS calls, sum(x.failed) AS failed, array_chain(x.buckets) AS b,
                     array_chain(x.counts) AS c, max(x.longest_ms) AS longest_ms, sum(x.tokens)::bigint AS tokens, sum(x.cost_usd) AS cost,
                     (array_agg(json_build_array(x.session_id, x.step_id)
                                ORDER BY CASE WHEN x.kind IN ('tool', 'model') THEN x.longest_ms END DESC NULLS LAST, x.hour DESC, x.session_id DESC))[1]
                         AS example
              FROM %s x
              WHERE x.workspace_id = $1 AND x.kind = ANY (statistics_kinds()) AND x.hour >= $2 AND x.hour < $4 AND x.persona_id = $3
              GROUP BY 1, 2, 3) s, LATERAL day_histogram(s.b, s.c) h $sum$, target, source)
    USING workspace, began, persona, ended;
END $$;

-- Sums some of the days that are over and have changed since, or else of the months. Returns how many.
CREATE OR REPLACE FUNCTION roll_up_days() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    x statistics_stale_days;
    y statistics_stale_months;
    n bigint := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7241501918) THEN
        RETURN 0;
    END IF;
    FOR x IN DELETE FROM statistics_stale_days d USING (
                 SELECT * FROM statistics_stale_days s WHERE s.day < date_trunc('day', now(), 'UTC') LIMIT 100) s
             WHERE d.workspace_id = s.workspace_id AND d.day = s.day AND d.persona_id = s.persona_id RETURNING d.* LOOP
        PERFORM sum_day(x.workspace_id, x.day, x.persona_id);
        n := n + 1;
    END LOOP;
    IF n > 0 THEN
        RETURN n;
    END IF;
    FOR y IN DELETE FROM statistics_stale_months d USING (
                 SELECT * FROM statistics_stale_months s WHERE s.month < date_trunc('month', now(), 'UTC') LIMIT 10) s
             WHERE d.workspace_id = s.workspace_id AND d.month = s.month AND d.persona_id = s.persona_id RETURNING d.* LOOP
        PERFORM sum_parts('statistics_part_days', 'statistics_part_months', y.workspace_id, y.month, interval '1 month', y.persona_id);
        n := n + 1;
    END LOOP;
    RETURN n;
END $$;

-- The first day whose sum cannot be read: that of today, or one that has changed since it was summed.
CREATE OR REPLACE FUNCTION first_open_day(workspace text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN least(date_trunc('day', now(), 'UTC'), (SELECT min(d.day) FROM statistics_stale_days d WHERE d.workspace_id = workspace));
END $$;

-- The same of months. A day that has changed is not in its month's sum.
CREATE OR REPLACE FUNCTION first_open_month(workspace text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN least(date_trunc('month', first_open_day(workspace), 'UTC'),
                 (SELECT min(d.month) FROM statistics_stale_months d WHERE d.workspace_id = workspace));
END $$;

-- The rows of a time: of its whole days that are over and are summed, and otherwise of its hours. `by_hour`: of its hours alone. They may be
-- many: taken for the thousand that is usual, they would be sorted on disk to be joined with the roots.
CREATE OR REPLACE FUNCTION statistics_rows(workspace text, began timestamptz, ended timestamptz, by_hour boolean) RETURNS SETOF statistics_hours
LANGUAGE plpgsql STABLE ROWS 50000 AS $$
DECLARE
    first CONSTANT timestamptz := date_trunc('day', began + interval '1 day' - interval '1 us', 'UTC');
    last CONSTANT timestamptz := least(date_trunc('day', ended, 'UTC'), first_open_day(workspace));
BEGIN
    IF by_hour OR first >= last THEN
        RETURN QUERY SELECT * FROM statistics_hours x WHERE x.workspace_id = workspace AND x.hour >= began AND x.hour < ended;
        RETURN;
    END IF;
    RETURN QUERY SELECT * FROM statistics_days x WHERE x.workspace_id = workspace AND x.hour >= first AND x.hour < last;
    RETURN QUERY SELECT * FROM statistics_hours x WHERE x.workspace_id = workspace AND x.hour >= began AND x.hour < first;
    RETURN QUERY SELECT * FROM statistics_hours x WHERE x.workspace_id = workspace AND x.hour >= last AND x.hour < ended;
END $$;

-- Of its whole months, too.
CREATE OR REPLACE FUNCTION statistics_part_rows(workspace text, kinds text[], began timestamptz, ended timestamptz) RETURNS SETOF statistics_part_hours
LANGUAGE plpgsql STABLE ROWS 50000 AS $$
DECLARE
    first CONSTANT timestamptz := date_trunc('day', began + interval '1 day' - interval '1 us', 'UTC');
    last CONSTANT timestamptz := greatest(first, least(date_trunc('day', ended, 'UTC'), first_open_day(workspace)));
    first_month CONSTANT timestamptz :=
        date_trunc('month', first AT TIME ZONE 'UTC' + interval '1 month' - interval '1 us') AT TIME ZONE 'UTC';
    last_month CONSTANT timestamptz := greatest(first_month, least(date_trunc('month', last, 'UTC'), first_open_month(workspace)));
BEGIN
    RETURN QUERY SELECT * FROM statistics_part_months x
                 WHERE x.workspace_id = workspace AND x.kind = ANY (kinds) AND x.hour >= first_month AND x.hour < last_month;
    RETURN QUERY SELECT * FROM statistics_part_days x
                 WHERE x.workspace_id = workspace AND x.kind = ANY (kinds) AND x.hour >= first AND x.hour < least(first_month, last);
    RETURN QUERY SELECT * FROM statistics_part_days x
                 WHERE x.workspace_id = workspace AND x.kind = ANY (kinds) AND x.hour >= last_month AND x.hour < last;
    RETURN QUERY SELECT * FROM statistics_part_hours x
                 WHERE x.workspace_id = workspace AND x.kind = ANY (kinds) AND x.hour >= began AND x.hour < least(first, ended);
    RETURN QUERY SELECT * FROM statistics_part_hours x
                 WHERE x.workspace_id = workspace AND x.kind = ANY (kinds) AND x.hour >= last AND x.hour < ended;
END $$;
