-- What spans at the door say of others that came before them, in other requests; within one, ingest/tree.c knows it.

-- The session that has one of these steps, among the newest of its workspace: some clients leave it to the server to know the trace of a
-- run. NULL: there is none.
CREATE OR REPLACE FUNCTION ingest_sought(workspace text, persona text, kind text, seeks json) RETURNS agent_sessions LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    wanted CONSTANT text[] := ARRAY(SELECT json_array_elements_text(seeks));
    s agent_sessions;
BEGIN
    FOR s IN SELECT * FROM agent_sessions x WHERE x.workspace_id = workspace ORDER BY x.created_at DESC, x.id DESC LIMIT 500 LOOP
        IF s.at_door AND s.persona_id = persona AND s.source_kind = kind
           AND EXISTS (SELECT FROM steps p WHERE p.session_id = s.id AND p.id = ANY (wanted)) THEN
            SELECT * INTO s FROM agent_sessions x WHERE x.id = s.id FOR NO KEY UPDATE;
            RETURN s;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Does the step's usage count in its session?
CREATE OR REPLACE FUNCTION ingest_counts(p steps) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT p.end_seq IS NOT NULL AND p.usage LIKE '%putTokens"%' AND p.usage NOT LIKE '%"isSum":true%'
$$;

CREATE OR REPLACE FUNCTION ingest_says_usage(x step_said) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT x.ends AND num_nonnulls(x.input_tokens, x.output_tokens) > 0
$$;

-- Those of the list that repeat the usage of calls below them, made sums. Spans of the outer call end later, so the inner ones are there.
CREATE OR REPLACE FUNCTION ingest_sums(s agent_sessions, list step_said[]) RETURNS step_said[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    ids CONSTANT text[] := ARRAY(SELECT x.id FROM unnest(list) x WHERE ingest_says_usage(x));
    since timestamptz;
    outer_ids text[];
    x step_said;
BEGIN
    IF cardinality(ids) = 0 THEN
        RETURN list;
    END IF;
    SELECT timestamptz 'epoch' + (min(coalesce(u.started, 0)) - 1000000) * interval '1 microsecond' INTO since
    FROM unnest(list) u WHERE ingest_says_usage(u);
    SELECT array_agg(above.id) INTO outer_ids
    FROM steps p, LATERAL (SELECT p.parent_step_id AS id
                           UNION ALL SELECT q.parent_step_id FROM steps q WHERE q.session_id = s.id AND q.id = p.parent_step_id) above
    WHERE p.session_id = s.id AND p.started_at >= since AND ingest_counts(p) AND above.id = ANY (ids) AND p.id <> above.id;
    IF outer_ids IS NULL THEN
        RETURN list;
    END IF;
    FOR n IN 1..cardinality(list) LOOP
        x := list[n];
        IF x.id = ANY (outer_ids) THEN
            x.usage := (left(x.usage::text, -1) || ',"isSum":true}')::json;
            x.input_tokens := NULL;
            x.output_tokens := NULL;
            x.reasoning_tokens := NULL;
            x.cache_read_tokens := NULL;
            x.cache_write_tokens := NULL;
            x.total_tokens := NULL;
            x.cost_usd := NULL;
            list[n] := x;
        END IF;
    END LOOP;
    RETURN list;
END $$;

-- Steps that counted, and turn out to repeat the usage of calls in the list, below them: they are sums from now on.
CREATE OR REPLACE FUNCTION ingest_outer(INOUT s agent_sessions, list step_said[], INOUT answers put_answer[]) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    was steps;
    step steps;
    answer put_answer;
    written record;
BEGIN
    FOR was IN
        WITH RECURSIVE above(id) AS (
            SELECT x.parent FROM unnest(list) x WHERE x.parent IS NOT NULL AND ingest_says_usage(x)
            UNION
            SELECT coalesce(y.parent, (SELECT p.parent_step_id FROM steps p WHERE p.session_id = s.id AND p.id = above.id))
            FROM above LEFT JOIN unnest(list) y ON y.id = above.id WHERE above.id IS NOT NULL)
        SELECT p.* FROM above JOIN steps p ON p.session_id = s.id AND p.id = above.id WHERE ingest_counts(p) LOOP
        step := was;
        step.usage := left(was.usage, -1) || ',"isSum":true}';
        answer := NULL;
        answer.code := 200;
        answer.event := 'updated';
        answer.step := step;
        SELECT * INTO written FROM write_merged(s, was, answer);
        s := written.s;
        answers := answers || written.answer;
    END LOOP;
END $$;

-- Spans that are no steps: what stands under them moves up, and under one that stood at the top is the root, once that has ended.
CREATE OR REPLACE FUNCTION ingest_lift(INOUT s agent_sessions, hidden json, INOUT answers put_answer[]) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    h record;
    was steps;
    step steps;
    answer put_answer;
    written record;
BEGIN
    FOR h IN SELECT * FROM json_to_recordset(hidden) r(id text, parent text, started bigint, ended boolean) LOOP
        -- What is below begins later, but for the resolution of clocks.
        FOR was IN SELECT * FROM steps p WHERE p.session_id = s.id AND p.parent_step_id = h.id
                     AND p.started_at >= timestamptz 'epoch' + (coalesce(h.started, 0) - 1000000) * interval '1 microsecond'
                   ORDER BY p.started_at, p.step_number LOOP
            IF h.parent IS NULL THEN
                IF h.ended THEN
                    s.root_step_id := coalesce(s.root_step_id, was.id);
                END IF;
            ELSIF NOT closes_cycle(s.id, was.id, h.parent) THEN
                step := was;
                step.parent_step_id := h.parent;
                answer := NULL;
                answer.code := 200;
                answer.event := 'updated';
                answer.step := step;
                SELECT * INTO written FROM write_merged(s, was, answer);
                s := written.s;
                answers := answers || written.answer;
            END IF;
        END LOOP;
    END LOOP;
END $$;

-- The question that a root was asked.
CREATE OR REPLACE FUNCTION ingest_question(session text, root text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT nullif(left(btrim(regexp_replace(coalesce(p.content, p.start_content)::json ->> 'input', '\s+', ' ', 'g')), 200), '')
            FROM steps p WHERE p.session_id = session AND p.id = root AND p.step_type = 'agent');
END $$;

-- All that a list of new steps and hidden spans changes of the steps that were there. `s`, which is locked and written, is written again
-- if it does; `news`: its title is another one.
CREATE OR REPLACE FUNCTION ingest_move(INOUT s agent_sessions, hidden json, list step_said[], OUT answers put_answer[], OUT news session_news)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    was CONSTANT agent_sessions := s;
    moved record;
BEGIN
    answers := '{}';
    IF EXISTS (SELECT FROM unnest(list) x WHERE ingest_says_usage(x)) THEN
        SELECT * INTO moved FROM ingest_outer(s, list, answers);
        s := moved.s;
        answers := moved.answers;
    END IF;
    IF hidden IS NOT NULL THEN
        SELECT * INTO moved FROM ingest_lift(s, hidden, answers);
        s := moved.s;
        answers := moved.answers;
    END IF;
    IF s IS NOT DISTINCT FROM was THEN
        RETURN;
    END IF;
    -- 3: a question (ingest/step.h).
    IF was.root_step_id IS NULL AND s.root_step_id IS NOT NULL AND s.title_rank < 3 THEN
        s.title := coalesce(ingest_question(s.id, s.root_step_id), s.title);
    END IF;
    UPDATE agent_sessions a
    SET (last_seq, root_step_id, title, title_rank, usage_model, input_tokens, output_tokens, reasoning_tokens, cache_read_tokens,
         cache_write_tokens, total_tokens, cost_usd, computed_cost_usd, settled_duration_us, settled_tokens, settled_cost_usd, settled_model) =
        (SELECT s.last_seq + (s.title IS DISTINCT FROM was.title)::integer, s.root_step_id, s.title,
                CASE WHEN s.title IS DISTINCT FROM was.title THEN 3 ELSE s.title_rank END, s.usage_model, s.input_tokens, s.output_tokens,
                s.reasoning_tokens, s.cache_read_tokens, s.cache_write_tokens, s.total_tokens, s.cost_usd, s.computed_cost_usd, k.*
         FROM session_settled(s, s.completed_at) k)
    WHERE a.id = s.id RETURNING * INTO s;
    IF s.title IS DISTINCT FROM was.title THEN
        news := write_session_updated(s, s.persona_id);
    END IF;
END $$;
