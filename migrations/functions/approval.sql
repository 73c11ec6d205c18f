-- Asking a person: an open step of the type approval, {question, options?[{id,label,danger?}], expiresAt?}, waits for a decision.

-- The options of a question that names none.
CREATE OR REPLACE FUNCTION approval_options(content jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(content -> 'options') = 'array' AND jsonb_array_length(content -> 'options') > 0 THEN content -> 'options'
                ELSE '[{"id":"approve","label":"Approve"},{"id":"reject","label":"Reject","danger":true}]' END
$$;

-- Until when it can be decided: ten minutes where it does not say, a day at most. RESTRICTED, as whatever prints a session, which calls
-- it: no worker of a parallel plan may catch an error.
CREATE OR REPLACE FUNCTION approval_expires(content jsonb, started timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
BEGIN
    RETURN least(coalesce((content ->> 'expiresAt')::timestamptz, started + interval '10 minutes'), started + interval '1 day');
EXCEPTION WHEN data_exception THEN
    RETURN started + interval '10 minutes';
END $$;

-- The options that a step's content names. Of a member that is a number, only one that a jsonb can hold.
CREATE OR REPLACE FUNCTION approval_offered(content json) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_agg((SELECT jsonb_object_agg(m.key, m.value::jsonb) FROM json_each(o.value) m
                      WHERE json_typeof(m.value) IN ('string', 'boolean') OR m.value::text ~ '^-?\d{1,15}(\.\d{1,15})?$') ORDER BY o.n)
    FROM json_array_elements(CASE WHEN json_typeof(content -> 'options') = 'array' THEN content -> 'options' END) WITH ORDINALITY o(value, n)
    WHERE json_typeof(o.value) = 'object'
$$;

-- What a step asks: {question, options?, expiresAt?}; NULL: it asks nothing.
CREATE OR REPLACE FUNCTION approval_asked(step steps) RETURNS jsonb LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    content CONSTANT json := coalesce(step.content, step.start_content);
BEGIN
    IF step.step_type = 'approval' AND step.end_seq IS NULL AND json_typeof(content -> 'question') = 'string' THEN
        RETURN jsonb_build_object('question', content ->> 'question', 'options', approval_offered(content), 'expiresAt', content ->> 'expiresAt');
    END IF;
    RETURN NULL;
END $$;

-- The newest question of a running session that can still be decided, as its cards show it.
CREATE OR REPLACE FUNCTION session_approval_json(s agent_sessions) RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
DECLARE
    step steps;
    asked jsonb;
BEGIN
    IF s.status <> 'running' OR s.open_steps = 0 THEN
        RETURN NULL;
    END IF;
    FOR step IN SELECT * FROM steps x WHERE x.session_id = s.id AND x.step_type = 'approval' AND x.end_seq IS NULL
                ORDER BY x.step_number DESC LIMIT 100 LOOP
        asked := approval_asked(step);
        IF asked IS NOT NULL AND approval_expires(asked, step.started_at) > clock_timestamp() THEN
            RETURN concat('{"stepId":"', step.id, '","question":', to_json(left(asked ->> 'question', 2000)),
                          ',"options":', approval_options(asked), ',"expiresAt":', json_time(approval_expires(asked, step.started_at)), '}');
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION decision_refused(code integer, s agent_sessions, problem text, field text DEFAULT NULL) RETURNS put_answer
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN put_refused(code, s, 0, problem, field);
END $$;

-- The decision of a person: the first one ends the step. Whoever may post in the session's stream decides, without a stream its
-- workspace's administrators. The session is locked before the step, and everything is looked at afterwards.
CREATE OR REPLACE FUNCTION decide_approval(secret text, workspace text, session text, step_id text, chosen text, note text)
RETURNS SETOF put_answer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, false, workspace, NULL);
    s agent_sessions;
    step steps;
    asked jsonb;
    made text;
    answer put_answer;
BEGIN
    IF c.refused IS NULL THEN
        SELECT * INTO s FROM agent_sessions x
        WHERE x.id = session AND x.workspace_id = workspace
          AND CASE WHEN x.stream_id IS NULL THEN c.role = 'admin' ELSE can_read_stream(c.id, x.stream_id) END
        FOR NO KEY UPDATE;
        SELECT * INTO step FROM steps x WHERE x.session_id = s.id AND x.id = step_id AND x.step_type = 'approval' FOR NO KEY UPDATE;
    END IF;
    IF c.refused IS NOT NULL OR step.id IS NULL THEN
        RETURN NEXT decision_refused(coalesce(c.refused, 404), s, NULL);
        RETURN;
    END IF;
    answer.status := s.status;
    answer.step := step;
    asked := approval_asked(step);
    IF asked IS NULL THEN
        made := CASE WHEN step.end_seq IS NOT NULL THEN (step.content::json -> 'decision')::text END;
        answer.code := 200;
        RETURN NEXT CASE
            WHEN made IS NULL THEN decision_refused(409, s, 'approval_closed')
            WHEN made::jsonb ->> 'option' = chosen AND made::jsonb #>> '{decidedBy,id}' = c.id THEN answer
            ELSE decision_refused(409, s, 'decided') END;
        RETURN;
    ELSIF s.status <> 'running' OR approval_expires(asked, step.started_at) <= clock_timestamp() THEN
        RETURN NEXT decision_refused(409, s, 'approval_closed');
        RETURN;
    ELSIF NOT EXISTS (SELECT FROM jsonb_array_elements(approval_options(asked)) o WHERE o ->> 'id' = chosen) THEN
        RETURN NEXT decision_refused(400, s, NULL, 'option');
        RETURN;
    END IF;
    UPDATE agent_sessions x SET last_seq = x.last_seq + 1, open_steps = x.open_steps - 1 WHERE x.id = s.id RETURNING * INTO s;
    made := concat('{"option":', to_json(chosen), ',"note":' || to_json(note)::text, ',"decidedBy":{"type":"user","id":"', c.id, '","name":',
                   to_json((SELECT u.name FROM users u WHERE u.id = c.id)), '},"at":', json_time(clock_timestamp()), '}');
    made := concat(left(coalesce(step.content, step.start_content), -1), ',"decision":', made, '}');
    UPDATE steps x SET end_seq = s.last_seq, seq = s.last_seq, content = made, content_length = octet_length(made),
                       completed_at = greatest(x.started_at, clock_timestamp())
    WHERE x.session_id = s.id AND x.id = step.id RETURNING * INTO step;
    answer.code := 201;
    answer.step := step;
    IF s.stream_id IS NOT NULL THEN
        answer.counters := ARRAY[s.stream_id, s.parent_stream_id, s.parent_message_id, session_json(s)];
    END IF;
    RETURN NEXT answer;
END $$;
