-- One step that is put and is there already: filled or ended, in whatever state it is (new ones are functions/put_new.sql). The row of
-- its session is locked, so what is seen here stays true.

-- "ended beats open, never the other way": while the step is open a later write replaces, once it has ended only what is empty is filled.
CREATE OR REPLACE FUNCTION merged(was text, said text, is_open boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN said IS NULL OR NOT is_open AND was IS NOT NULL THEN was ELSE said END
$$;

-- Of two JSON objects the one that wins, with the members that only the other one has in front of its own.
CREATE OR REPLACE FUNCTION merged_members(was text, said text, is_open boolean) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    winner CONSTANT text := CASE WHEN is_open THEN said ELSE was END;
    loser CONSTANT text := CASE WHEN is_open THEN was ELSE said END;
    more text;
BEGIN
    IF winner IS NULL OR loser IS NULL OR winner = loser THEN
        RETURN coalesce(winner, loser);
    END IF;
    SELECT string_agg(to_json(m.key)::text || ':' || m.value, ',') INTO more FROM json_each(loser::json) m
    WHERE winner::json -> m.key IS NULL;
    RETURN CASE WHEN more IS NULL OR length(winner) + length(more) > 65536 THEN winner
                WHEN winner = '{}' THEN '{' || more || '}' ELSE '{' || more || ',' || substr(winner, 2) END;
END $$;

-- Would the step `id` be above itself? Looked at through at most 1,000 generations.
CREATE OR REPLACE FUNCTION closes_cycle(session text, id text, parent text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        WITH RECURSIVE above(step, n) AS (
            SELECT parent, 1
            UNION ALL
            SELECT q.parent_step_id, n + 1 FROM above JOIN steps q ON q.session_id = session AND q.id = above.step
            WHERE n < 1000 AND q.parent_step_id IS NOT NULL)
        SELECT FROM above WHERE step = closes_cycle.id);
END $$;

-- A time of the client's clock: NULL if it said none, or one that cannot be. Like its neighbours it is one expression, which becomes part
-- of the statement that calls it.
CREATE OR REPLACE FUNCTION given_time(us bigint, earliest timestamptz, latest timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN timestamptz 'epoch' + us * interval '1 microsecond' BETWEEN earliest AND latest
                THEN timestamptz 'epoch' + us * interval '1 microsecond' END
$$;

CREATE OR REPLACE FUNCTION time_text(t timestamptz, given boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN given THEN (extract(epoch FROM t) * 1000000)::bigint::text END
$$;

-- The usage that a step counts for in its session, with the cost that was computed for it: none while it is open, and none if it is the
-- sum of others.
CREATE OR REPLACE FUNCTION counted_usage(s steps) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN s.end_seq IS NULL OR s.usage IS NULL OR (s.usage::jsonb ->> 'isSum')::boolean THEN '{}'
                WHEN s.computed_cost_usd IS NULL THEN s.usage::jsonb
                ELSE s.usage::jsonb || jsonb_build_object('costUsd', s.computed_cost_usd, 'computedCostUsd', s.computed_cost_usd) END
$$;

-- Is this what a step of that type cannot contain? The rules are those of cgi/trace_step_body.c, which sees only what is said at once: a
-- step may get its content before its type. Only decide_approval() writes a decision.
CREATE OR REPLACE FUNCTION is_misfit(type text, content json) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(CASE
        WHEN type = 'approval' THEN content -> 'decision' IS NOT NULL
        WHEN type = 'visit_page' AND json_typeof(content -> 'url') = 'string'
            THEN content ->> 'url' !~* '^https?://[^/?#:@]' OR content ->> 'url' ~ '[\x01-\x20\x7f"<>\\^`{|}]'
        WHEN type IN ('web_search', 'workspace_search') AND json_typeof(content -> 'resultCount') = 'number'
            -- No numeric has such an exponent.
            THEN CASE WHEN content ->> 'resultCount' ~* 'e[+-]?\d{4}' THEN true
                      ELSE (content ->> 'resultCount')::numeric NOT BETWEEN 0 AND 1e12
                           OR (content ->> 'resultCount')::numeric % 1 <> 0 END
        WHEN type IN ('web_search', 'workspace_search') THEN json_typeof(content -> 'resultCount') <> 'null' END, false)
$$;

-- Merges what is said into the step `was`: the row as it is to be, without the numbers, and in `answer` what has changed.
CREATE OR REPLACE FUNCTION merge_said(s agent_sessions, was steps, x step_said, INOUT answer put_answer) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    arrival CONSTANT timestamptz := clock_timestamp();
    is_open CONSTANT boolean := was.end_seq IS NULL;
    -- A client that repeats what it said repeats the texts, too.
    held CONSTANT steps := step_with_texts(s.persona_id, was);
    began CONSTANT timestamptz := given_time(x.started, s.created_at - interval '30 days', arrival + interval '5 minutes');
    ended CONSTANT timestamptz := given_time(x.completed, timestamptz 'epoch', arrival + interval '1 day');
    parent CONSTANT text := CASE WHEN x.parent IS NULL OR x.parent = was.parent_step_id OR NOT closes_cycle(s.id, x.id, x.parent)
                                 THEN x.parent END;
    news text[];
    step steps := was;
    names CONSTANT text[] := ARRAY['stepType', 'name', 'parentStepId', 'content', 'sources', 'messageId', 'usage', 'error', 'startedAt',
                                   'completedAt', 'input', 'output', 'attributes', 'events', 'links'];
    -- A span is what nobody has said anything of: the type that a later message says, or an earlier one, is the step's.
    olds CONSTANT text[] := ARRAY[nullif(was.step_type, 'span'), was.name, was.parent_step_id,
                                  coalesce(held.content, held.start_content), held.sources, was.message_id, was.usage, was.error, time_text(was.started_at, was.start_given),
                                  time_text(was.completed_at, was.end_given), was.input, was.output, was.attributes, was.events, was.links];
    says CONSTANT text[] := ARRAY[nullif(x.type, 'span'), x.name, parent, x.content::text, x.sources::text, x.message_id,
                                  x.usage::text, x.error::text, time_text(began, true), time_text(ended, true), x.input::text, x.output::text, x.attributes::text,
                                  x.events::text, x.links::text];
BEGIN
    step.times_adjusted := was.times_adjusted OR x.started IS NOT NULL AND began IS NULL OR x.completed IS NOT NULL AND ended IS NULL;
    SELECT array_agg(merged(o, n, is_open) ORDER BY i),
           coalesce(array_agg(names[i] ORDER BY i) FILTER (WHERE merged(o, n, is_open) IS DISTINCT FROM o), '{}'),
           coalesce(array_agg(names[i] ORDER BY i) FILTER (WHERE n IS NOT NULL AND merged(o, n, is_open) IS DISTINCT FROM n
                                                              OR names[i] = 'parentStepId' AND x.parent IS DISTINCT FROM parent), '{}')
    INTO news, answer.changed, answer.ignored FROM unnest(olds, says) WITH ORDINALITY u(o, n, i);
    -- Foreign clients say the parts of what was used, and of what else there is to say, in whatever order they come.
    IF s.at_door THEN
        news[7] := merged_members(was.usage, x.usage::text, is_open);
        news[13] := merged_members(was.attributes, x.attributes::text, is_open);
        answer.changed := ARRAY(SELECT DISTINCT c FROM unnest(answer.changed || CASE WHEN news[7] <> was.usage THEN ARRAY['usage'] END
                                                              || CASE WHEN news[13] <> was.attributes THEN ARRAY['attributes'] END) c);
    END IF;
    step.step_type := coalesce(news[1], was.step_type);
    step.name := news[2];
    step.parent_step_id := news[3];
    IF 'content' = ANY (answer.changed) THEN
        step.content := news[4];
        step.content_length := x.content_length;
    END IF;
    IF 'sources' = ANY (answer.changed) THEN
        step.sources := news[5];
    END IF;
    step.message_id := news[6];
    step.usage := news[7];
    step.error := news[8];
    step.failed := step.error IS NOT NULL;
    step.input := news[11];
    step.output := news[12];
    step.attributes := news[13];
    step.events := news[14];
    step.links := news[15];
    step.received_at := coalesce(was.received_at, was.started_at);
    step.start_mark := coalesce(was.start_mark, x.start_mark);
    step.end_mark := CASE WHEN is_open AND x.ends THEN x.end_mark ELSE was.end_mark END;
    step.start_given := news[9] IS NOT NULL;
    step.started_at := CASE WHEN news[9] IS NOT NULL THEN timestamptz 'epoch' + news[9]::bigint * interval '1 microsecond'
                            ELSE was.started_at END;
    IF NOT is_open OR x.ends THEN
        step.end_given := news[10] IS NOT NULL;
        step.completed_at := greatest(step.started_at,
            CASE WHEN news[10] IS NOT NULL THEN timestamptz 'epoch' + news[10]::bigint * interval '1 microsecond'
                 ELSE coalesce(was.completed_at, arrival) END);
    END IF;
    answer.event := CASE WHEN is_open AND x.ends THEN 'completed' WHEN cardinality(answer.changed) > 0 THEN 'updated' END;
    answer.step := step;
END $$;

-- Writes a step that was merged, with its event's number; `s` is the session in memory, whose counters go on.
CREATE OR REPLACE FUNCTION write_merged(INOUT s agent_sessions, was steps, INOUT answer put_answer) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    step steps := (answer).step;
BEGIN
    s.last_seq := s.last_seq + 1;
    answer.seq := s.last_seq;
    step.seq := s.last_seq;
    IF answer.event = 'completed' THEN
        step.end_seq := s.last_seq;
        s.open_steps := s.open_steps - 1;
    END IF;
    step.usage := usage_of_total(step.usage, num_nonnulls(s.input_tokens, s.output_tokens) > 0);
    IF step.end_seq IS NOT NULL AND (was.end_seq IS NULL OR was.usage IS DISTINCT FROM step.usage) THEN
        step.computed_cost_usd := computed_cost(s.workspace_id, step.usage);
    END IF;
    UPDATE steps x
    SET (step_type, name, parent_step_id, failed, end_seq, seq, content, content_length, sources, message_id, usage, error, started_at,
         completed_at, received_at, start_given, end_given, times_adjusted, input, output, attributes, events, links,
         computed_cost_usd, start_mark, end_mark) =
        (SELECT step.step_type, step.name, step.parent_step_id, step.failed, step.end_seq, step.seq, step.content, step.content_length,
                step.sources, step.message_id, step.usage, step.error, step.started_at, step.completed_at, step.received_at,
                step.start_given, step.end_given, step.times_adjusted, step.input, step.output, step.attributes, step.events, step.links,
                step.computed_cost_usd, step.start_mark, step.end_mark)
    WHERE x.session_id = s.id AND x.id = step.id RETURNING * INTO step;
    IF answer.event = 'updated' THEN
        INSERT INTO session_events (session_id, seq, type, step_id) VALUES (s.id, s.last_seq, 'agent_session:step:updated', step.id);
    END IF;
    s := add_usage(s, was, step);
    answer.step := step;
END $$;
