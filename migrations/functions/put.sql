-- Putting steps: upserts by id in any state, all of a list or none.
--
-- The session is locked first and everything else is looked at afterwards, each query with a snapshot of its own: two that put the
-- same step at once see what the other has written, spend one number each where they change something, and count usage once.

-- What a step's usage adds to its session: the new minus what was counted before. A model's name is the last one's.
CREATE OR REPLACE FUNCTION add_usage(s agent_sessions, was steps, step steps) RETURNS agent_sessions LANGUAGE plpgsql STABLE AS $$
DECLARE
    before CONSTANT jsonb := counted_usage(was);
    after CONSTANT jsonb := counted_usage(step);
BEGIN
    IF before <> after THEN
        s.usage_model := coalesce(after ->> 'model', s.usage_model);
        s.input_tokens := added(s.input_tokens, before, after, 'inputTokens');
        s.output_tokens := added(s.output_tokens, before, after, 'outputTokens');
        s.reasoning_tokens := added(s.reasoning_tokens, before, after, 'reasoningTokens');
        s.cache_read_tokens := added(s.cache_read_tokens, before, after, 'cacheReadTokens');
        s.cache_write_tokens := added(s.cache_write_tokens, before, after, 'cacheWriteTokens');
        s.total_tokens := added(s.total_tokens, before, after, 'totalTokens');
        s.cost_usd := added(s.cost_usd, before, after, 'costUsd');
        s.computed_cost_usd := added(s.computed_cost_usd, before, after, 'computedCostUsd');
    END IF;
    s.message_count := s.message_count + (step.step_type = 'message_sent' AND step.end_seq IS NOT NULL AND NOT step.failed)::integer
                       - coalesce(was.step_type = 'message_sent' AND was.end_seq IS NOT NULL AND NOT was.failed, false)::integer;
    RETURN s;
END $$;

CREATE OR REPLACE FUNCTION added(sum numeric, before jsonb, after jsonb, name text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN sum IS NULL AND after ->> name IS NULL THEN NULL
                ELSE coalesce(sum, 0) + coalesce((after ->> name)::numeric, 0) - coalesce((before ->> name)::numeric, 0) END
$$;

CREATE OR REPLACE FUNCTION put_refused(code integer, s agent_sessions, place integer, problem text, field text DEFAULT NULL)
RETURNS put_answer LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(code, s.status, problem, field, place, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::put_answer
$$;

-- What is put at once, and what afterwards, one by one: steps that are there already; those that the list itself says must come so
-- (store/put_list.h); and those that a step above the list's parents waits for as its own parent, for they could close a circle.
CREATE OR REPLACE FUNCTION part_steps(s agent_sessions, said step_said[], OUT together step_said[], OUT alone step_said[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF s.step_count = 0 AND NOT EXISTS (SELECT FROM unnest(said) x WHERE x.alone) THEN
        together := said;
        RETURN;
    END IF;
    WITH RECURSIVE above(id, is_awaited) AS (
        SELECT x.parent, false FROM unnest(said) x WHERE x.parent IS NOT NULL
        UNION
        SELECT p.parent_step_id, true FROM above JOIN steps p ON p.session_id = s.id AND p.id = above.id
        WHERE p.parent_step_id IS NOT NULL)
    SELECT array_agg(x ORDER BY (x).i) FILTER (WHERE NOT is_alone), array_agg(x ORDER BY (x).i) FILTER (WHERE is_alone) INTO together, alone
    FROM (SELECT x, coalesce(x.alone, false) OR x.id IN (SELECT id FROM above WHERE is_awaited)
                    OR (SELECT true FROM steps p WHERE p.session_id = s.id AND p.id = x.id) IS NOT NULL AS is_alone
          FROM unnest(said) x) parted;
END $$;

-- One step that is put by itself.
CREATE OR REPLACE FUNCTION put_one(INOUT s agent_sessions, x step_said, OUT answer put_answer) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    was steps;
    loses_parent boolean;
    written record;
    fresh integer;
BEGIN
    SELECT * INTO was FROM steps p WHERE p.session_id = s.id AND p.id = x.id;
    IF was.id IS NULL THEN
        loses_parent := closes_cycle(s.id, x.id, x.parent);
        x.parent := CASE WHEN NOT loses_parent THEN x.parent END;
        SELECT * INTO written FROM make_steps(s, ARRAY[x], false);
        s := written.s;
        answer := written.answers[1];
        IF loses_parent THEN
            answer.ignored := '{parentStepId}';
        END IF;
        RETURN;
    END IF;
    answer.place := x.i;
    answer.code := 200;
    answer.status := s.status;
    answer := merge_said(s, was, x, answer);
    -- The content may be older than the type.
    IF (answer.step).step_type = ANY (x.misfits)
       OR (answer.step).step_type <> was.step_type
          AND is_misfit((answer.step).step_type, coalesce((answer.step).content, (answer.step).start_content)::json) THEN
        answer := put_refused(400, s, x.i, NULL, 'content');
    ELSIF (answer.step).started_at > takes_steps_until(s) THEN
        answer := put_refused(409, s, x.i, NULL);
    ELSIF answer.event IS NOT NULL THEN
        SELECT * INTO written FROM write_merged(s, was, answer);
        s := written.s;
        answer := written.answer;
        INSERT INTO session_sources (session_id, key) SELECT DISTINCT s.id, md5(key) FROM unnest(x.keys) key ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS fresh = ROW_COUNT;
        s.source_count := s.source_count + fresh;
    END IF;
END $$;

-- Puts all that is said into the session, which the caller has locked and may write. What is refused is left out, and answered with its
-- code; `brief` is as make_steps() has it. `news`: of a session that runs again because of this, and of one that stays ended and has grown.
CREATE OR REPLACE FUNCTION put_all(INOUT s agent_sessions, actor text, said step_said[], brief boolean, OUT answers put_answer[],
                                   OUT news session_news) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    parts record;
    written record;
    x step_said;
    first_seq bigint;
BEGIN
    IF s.status <> 'running' AND may_reopen(s) THEN
        s := reopen_session(s);
        news := write_session_updated(s, actor);
    END IF;
    first_seq := s.last_seq;
    SELECT * INTO parts FROM part_steps(s, said);
    answers := '{}';
    IF parts.together IS NOT NULL THEN
        SELECT * INTO written FROM make_steps(s, parts.together, brief);
        s := written.s;
        answers := written.answers;
    END IF;
    FOR x IN SELECT * FROM unnest(parts.alone) LOOP
        SELECT * INTO written FROM put_one(s, x);
        s := written.s;
        answers := answers || written.answer;
    END LOOP;
    UPDATE agent_sessions a
    SET (last_seq, step_count, open_steps, current_step_type, message_count, source_count, usage_model, input_tokens, output_tokens,
         reasoning_tokens, cache_read_tokens, cache_write_tokens, total_tokens, cost_usd, computed_cost_usd, heartbeat_at,
         settled_duration_us, settled_tokens, settled_cost_usd, settled_model) =
        (SELECT s.last_seq, s.step_count, s.open_steps, s.current_step_type, s.message_count, s.source_count, s.usage_model, s.input_tokens,
                s.output_tokens, s.reasoning_tokens, s.cache_read_tokens, s.cache_write_tokens, s.total_tokens, s.cost_usd,
                s.computed_cost_usd, clock_timestamp(), k.* FROM session_settled(s, s.completed_at) k)
    WHERE a.id = s.id RETURNING * INTO s;
    -- Of one that stays ended the change is told to those who follow its workspace: its own room may have no stream any more.
    IF s.status <> 'running' AND s.last_seq > first_seq THEN
        news := session_news(s, NULL, NULL, actor);
    END IF;
END $$;

-- Why nothing can be put into the session; its code is NULL if it can.
CREATE OR REPLACE FUNCTION put_barred(s agent_sessions) RETURNS put_answer LANGUAGE sql STABLE AS $$
    SELECT put_refused(CASE WHEN s.id IS NULL THEN 404 WHEN s.pruned_at IS NOT NULL OR s.status = 'pending' THEN 409 END, s, 0,
                       CASE WHEN s.status <> 'pending' THEN 'session_pruned' END)
$$;

-- All of the list or none: `list` has an object of the members of step_said each.
CREATE OR REPLACE FUNCTION put_steps(secret text, workspace text, session text, list json) RETURNS SETOF put_answer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, true, workspace, 'sessions:write');
    s agent_sessions;
    written record;
    answer put_answer;
    answers put_answer[];
BEGIN
    IF c.refused IS NULL THEN
        SELECT * INTO s FROM agent_sessions x WHERE x.id = session AND x.workspace_id = workspace AND x.persona_id = c.id FOR NO KEY UPDATE;
    END IF;
    answer := CASE WHEN c.refused IS NOT NULL THEN put_refused(c.refused, s, 0, NULL) ELSE put_barred(s) END;
    IF answer.code IS NOT NULL THEN
        RETURN NEXT answer;
        RETURN;
    END IF;
    SELECT * INTO written FROM put_all(s, c.id, ARRAY(SELECT x FROM json_populate_recordset(NULL::step_said, list) x), false);
    s := written.s;
    answers := ARRAY(SELECT x FROM unnest(written.answers) x ORDER BY x.place);
    SELECT * INTO answer FROM unnest(answers) x WHERE x.code >= 400 LIMIT 1;
    IF FOUND THEN
        RAISE SQLSTATE 'ATR01';
    END IF;
    answers[1].reopened := written.news;
    IF s.stream_id IS NOT NULL THEN
        answers[1].counters := ARRAY[s.stream_id, s.parent_stream_id, s.parent_message_id, session_json(s)];
    END IF;
    RETURN QUERY SELECT * FROM unnest(answers);
EXCEPTION WHEN SQLSTATE 'ATR01' THEN
    RETURN NEXT answer;
END $$;
