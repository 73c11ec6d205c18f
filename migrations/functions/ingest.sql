-- The door for foreign agents: their traces are sessions that are found by the trace's own id. Tokens need the scope `ingest`, which is
-- good for nothing else: it writes only here, and only sessions that came in here. By REST these are written as any other session of
-- their persona, by its tokens that write sessions.

-- What a token may do at the door.
CREATE OR REPLACE FUNCTION ingest_caller(secret text) RETURNS TABLE (code integer, id text, workspace_id text, persona_id text, is_only boolean, silence_s integer)
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN t.id IS NULL THEN 401 WHEN 'ingest' = ANY (t.scopes) THEN 200 ELSE 403 END, t.id, t.workspace_id, t.persona_id,
           t.scopes = ARRAY['ingest'], t.silence_s
    FROM (VALUES (1)) one LEFT JOIN tokens t ON t.hash = sha256(convert_to(secret, 'UTF8')) AND t.revoked_at IS NULL
        AND coalesce(t.expires_at > now(), true)
$$;

-- What one request says of a session, as store/ingest.c prints it.
CREATE OR REPLACE FUNCTION ingest_fill(s agent_sessions, said json) RETURNS agent_sessions LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    x record;
BEGIN
    SELECT * INTO x FROM json_to_record(said) r(
        source json, title text, title_rank smallint, thread_key text, user_key text, tags json, environment text, project text,
        metadata json, system_prompt text, tools json, root_step_id text, root_outcome text, error_code text, error_message text);
    IF x.title IS NOT NULL AND x.title_rank > s.title_rank THEN
        s.title := x.title;
        s.title_rank := x.title_rank;
    END IF;
    s.source := coalesce(s.source, x.source::text);
    s.thread_key := coalesce(s.thread_key, x.thread_key);
    s.user_key := coalesce(s.user_key, x.user_key);
    s.tags := coalesce(s.tags, x.tags::text);
    s.environment := coalesce(s.environment, x.environment);
    s.project := coalesce(s.project, x.project);
    s.metadata := coalesce(s.metadata, x.metadata::text);
    s.system_prompt := coalesce(s.system_prompt, x.system_prompt);
    s.tools := coalesce(s.tools, x.tools::text);
    s.root_step_id := coalesce(s.root_step_id, x.root_step_id);
    s.root_outcome := coalesce(s.root_outcome, x.root_outcome);
    RETURN s;
END $$;

-- A new session of that trace; NULL if another request was first.
CREATE OR REPLACE FUNCTION ingest_make(workspace text, persona text, silence integer, said json) RETURNS agent_sessions LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    fresh CONSTANT text := new_id('ses');
    s agent_sessions;
BEGIN
    s := ingest_fill(json_populate_record(NULL::agent_sessions, '{"title_rank":0}'), said);
    INSERT INTO agent_sessions AS x (id, workspace_id, persona_id, chain_id, status, last_seq, started_at, start_given, heartbeat_at, silence_s,
                                     source_kind, external_id, source, title, title_rank, thread_key, user_key, tags, environment, project,
                                     metadata, system_prompt, tools, root_step_id, root_outcome, at_door)
    SELECT fresh, workspace, persona, fresh, 'running', 1, coalesce(began, t), began IS NOT NULL, t, silence, said #>> '{source,kind}',
           said ->> 'external_id', s.source, s.title, s.title_rank, s.thread_key, s.user_key, s.tags, s.environment, s.project, s.metadata,
           s.system_prompt, s.tools, s.root_step_id, s.root_outcome, true
    FROM clock_timestamp() t,
         given_time((said ->> 'started')::bigint, t - interval '30 days', t + interval '5 minutes') began
    ON CONFLICT (workspace_id, persona_id, source_kind, external_id) WHERE external_id IS NOT NULL DO NOTHING
    RETURNING * INTO s;
    IF FOUND THEN
        INSERT INTO session_events (session_id, seq, type, session) VALUES (s.id, 1, 'agent_session:started', session_core_json(s));
        RETURN s;
    END IF;
    RETURN NULL;
END $$;

-- The session of a trace, made if need be, and locked; NULL: it is not there, and not to be made. `event`: what there is to tell.
CREATE OR REPLACE FUNCTION ingest_open(workspace text, persona text, silence integer, said json, OUT s agent_sessions, OUT event text,
                                       OUT news session_news) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    filled agent_sessions;
BEGIN
    FOR attempt IN 1..2 LOOP
        SELECT * INTO s FROM agent_sessions x
        WHERE x.workspace_id = workspace AND x.persona_id = persona AND x.source_kind = said #>> '{source,kind}'
          AND x.external_id = said ->> 'external_id' AND x.at_door FOR NO KEY UPDATE;
        IF s.id IS NULL AND said -> 'seeks' IS NOT NULL THEN
            s := ingest_sought(workspace, persona, said #>> '{source,kind}', said -> 'seeks');
        END IF;
        EXIT WHEN s.id IS NOT NULL OR NOT (said ->> 'may_create')::boolean;
        s := ingest_make(workspace, persona, silence, said);
        IF s.id IS NOT NULL THEN
            event := 'started';
            news := session_news(s, NULL, NULL, s.persona_id);
            RETURN;
        END IF;
    END LOOP;
    filled := ingest_fill(s, said);
    IF s.id IS NULL OR filled IS NOT DISTINCT FROM s THEN
        RETURN;
    END IF;
    -- Told is what people see of it.
    event := CASE WHEN (filled.title, filled.tags, filled.thread_key, filled.user_key, filled.environment, filled.project)
                       IS DISTINCT FROM (s.title, s.tags, s.thread_key, s.user_key, s.environment, s.project) THEN 'updated' END;
    UPDATE agent_sessions x
    SET (source, title, title_rank, thread_key, user_key, tags, environment, project, metadata, system_prompt, tools, root_step_id,
         root_outcome) =
        (SELECT filled.source, filled.title, filled.title_rank, filled.thread_key, filled.user_key, filled.tags, filled.environment,
                filled.project, filled.metadata, filled.system_prompt, filled.tools, filled.root_step_id, filled.root_outcome),
        last_seq = x.last_seq + (event IS NOT NULL)::integer
    WHERE x.id = s.id RETURNING * INTO s;
    IF event IS NOT NULL THEN
        news := write_session_updated(s, s.persona_id);
    END IF;
END $$;

-- Ends a session of the door, which its caller has locked, as its root ended: completed, failed or cancelled. NULL: it has not.
CREATE OR REPLACE FUNCTION ingest_finish(INOUT s agent_sessions) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    root steps;
    outcome text;
BEGIN
    SELECT * INTO root FROM steps p WHERE p.session_id = s.id AND p.id = s.root_step_id AND p.end_seq IS NOT NULL;
    IF root.id IS NULL THEN
        s := NULL;
        RETURN;
    END IF;
    outcome := coalesce(s.root_outcome, CASE WHEN root.failed THEN 'failed' ELSE 'completed' END);
    UPDATE agent_sessions x
    SET status = outcome, last_seq = x.last_seq + 1,
        (completed_at, settled_duration_us, settled_tokens, settled_cost_usd, settled_model) =
            (SELECT t.ended, k.* FROM (SELECT greatest(x.started_at, root.completed_at) AS ended) t, session_settled(x, t.ended) k),
        error_code = CASE WHEN outcome <> 'completed' THEN left(coalesce(root.error::json ->> 'code', outcome), 64) END,
        error_message = CASE WHEN outcome <> 'completed' THEN coalesce(root.error::json ->> 'message', outcome) END,
        ended_by_type = 'persona', ended_by_id = s.persona_id, ended_by_name = (SELECT name FROM personas WHERE id = s.persona_id)
    WHERE x.id = s.id RETURNING * INTO s;
    INSERT INTO session_events (session_id, seq, type, session)
    VALUES (s.id, s.last_seq, 'agent_session:' || outcome, session_core_json(s));
END $$;

CREATE OR REPLACE FUNCTION ingest_tell(kind text, code integer DEFAULT NULL, refused integer DEFAULT NULL, seq bigint DEFAULT NULL,
                                       session text DEFAULT NULL, news session_news DEFAULT NULL, step steps DEFAULT NULL)
RETURNS ingest_told LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(kind, code, refused, seq, session, news, step)::ingest_told
$$;

-- All that one request says of a trace: its session found or made, its steps put (`list`: an object of the members of step_said each), and
-- the session ended if it was not there before and nothing in it is open: then its client sends what is over. A step that the session does
-- not take costs only itself. `code`: 201 the session was made, 200 it is there, 404 neither, 409 it takes nothing any more; a refusal as
-- ingest_caller() says. Of more than `most` steps only the number of the last event is told.
CREATE OR REPLACE FUNCTION ingest_trace(secret text, said json, list json, most integer) RETURNS SETOF ingest_told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c record;
    opened record;
    written record;
    s agent_sessions;
    outcome text;
    first_seq bigint;
    steps CONSTANT step_said[] := ARRAY(SELECT x FROM json_populate_recordset(NULL::step_said, list) x);
    is_brief CONSTANT boolean := cardinality(steps) > most;
    had_steps boolean;
    moved record;
BEGIN
    SELECT * INTO c FROM ingest_caller(secret);
    IF c.code <> 200 THEN
        RETURN NEXT ingest_tell('trace', c.code);
        RETURN;
    END IF;
    SELECT * INTO opened FROM ingest_open(c.workspace_id, c.persona_id, c.silence_s, said);
    s := opened.s;
    IF s.id IS NULL OR s.pruned_at IS NOT NULL THEN
        RETURN NEXT ingest_tell('trace', CASE WHEN s.id IS NULL THEN 404 ELSE 409 END, cardinality(steps));
        RETURN;
    END IF;
    had_steps := s.step_count > 0;
    SELECT * INTO written FROM put_all(s, s.persona_id, CASE WHEN had_steps THEN ingest_sums(s, steps) ELSE steps END, is_brief);
    RETURN NEXT ingest_tell('trace', CASE WHEN opened.event = 'started' THEN 201 ELSE 200 END,
                            (SELECT count(*) FROM unnest(written.answers) x WHERE x.code >= 400)::integer);
    IF opened.event IS NOT NULL THEN
        RETURN NEXT ingest_tell(opened.event, news => opened.news);
    END IF;
    first_seq := s.last_seq;
    IF s.status <> 'running' AND (written.s).status = 'running' THEN
        RETURN NEXT ingest_tell('reopened', news => written.news);
        first_seq := (written.news).session_seq;
    END IF;
    s := written.s;
    SELECT * INTO moved FROM ingest_move(s, said -> 'hidden', CASE WHEN had_steps THEN steps ELSE '{}' END);
    s := moved.s;
    IF moved.news IS NOT NULL THEN
        RETURN NEXT ingest_tell('updated', news => moved.news);
    END IF;
    IF is_brief AND s.last_seq > first_seq THEN
        RETURN NEXT ingest_tell('steps', seq => s.last_seq, session => s.id);
    ELSIF NOT is_brief THEN
        RETURN QUERY SELECT (ingest_tell('step', seq => x.seq, step => x.step)).*
        FROM unnest(written.answers || moved.answers) x WHERE x.seq IS NOT NULL ORDER BY x.seq;
    END IF;
    IF s.status <> 'running' AND written.news IS NOT NULL THEN
        RETURN NEXT ingest_tell('grown', news => written.news);
    ELSIF opened.event = 'started' AND s.open_steps = 0 THEN
        s := ingest_finish(s);
        IF s.id IS NOT NULL THEN
            RETURN NEXT ingest_tell(s.status, news => session_news(s, NULL, NULL, s.persona_id));
        END IF;
    END IF;
END $$;

-- Has nothing been heard of it for so many seconds? `quiet_open` is for one in which something is still open.
CREATE OR REPLACE FUNCTION ingest_is_quiet(s agent_sessions, quiet double precision, quiet_open double precision) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT s.status = 'running' AND s.at_door
           AND greatest(s.heartbeat_at, pg_postmaster_start_time())
               < now() - CASE WHEN s.open_steps = 0 THEN quiet ELSE quiet_open END * interval '1 second'
$$;

-- Ends a session whose root has ended, once it is quiet. Some clients never say that a step ended when a run is stopped: what is still open
-- is interrupted.
CREATE OR REPLACE FUNCTION ingest_settle(session text, quiet double precision, quiet_open double precision)
RETURNS SETOF ingest_told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    s agent_sessions;
BEGIN
    SELECT * INTO s FROM agent_sessions x WHERE x.id = session FOR NO KEY UPDATE;
    IF ingest_is_quiet(s, quiet, quiet_open) THEN
        s := ingest_finish(s);
        IF s.id IS NOT NULL THEN
            RETURN NEXT ingest_tell('trace', 201);
            RETURN NEXT ingest_tell(s.status, news => session_news(s, NULL, NULL, s.persona_id));
            RETURN;
        END IF;
    END IF;
    RETURN NEXT ingest_tell('trace', 200);
END $$;
