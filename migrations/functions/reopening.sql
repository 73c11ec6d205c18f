-- Sessions that the server has ended, and that run again because their agent is heard of.

-- Terminal is final unless the server ended it, for its silence, less than a day ago, and nobody has gone on in its place.
CREATE OR REPLACE FUNCTION may_reopen(s agent_sessions) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN s.status = 'failed' AND s.ended_by_type = 'system' AND s.error_code IN ('heartbeat_lost', 'source_silent')
       AND s.pruned_at IS NULL AND s.completed_at > clock_timestamp() - interval '1 day'
       AND NOT EXISTS (SELECT FROM agent_sessions x WHERE x.retry_of = s.id)
       AND NOT EXISTS (SELECT FROM agent_sessions x
                       WHERE x.stream_id = s.stream_id AND x.persona_id = s.persona_id AND x.status = 'running' AND x.id <> s.id);
END $$;

-- A change of the session that is neither its start nor its end: one number of its own room, and one of its stream's. The caller holds
-- the session's row and has raised its counter; the stream's row is taken here.
CREATE OR REPLACE FUNCTION write_session_updated(s agent_sessions, actor text) RETURNS session_news LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    e stream_events;
BEGIN
    INSERT INTO session_events (session_id, seq, type) VALUES (s.id, s.last_seq, 'agent_session:updated');
    IF s.stream_id IS NOT NULL THEN
        e := write_event(s.stream_id, 'agent_session:updated', NULL, actor, NULL, s);
    END IF;
    RETURN session_news(s, e.seq, e.created_at, actor);
END $$;

-- The session, running again; its row is locked.
CREATE OR REPLACE FUNCTION reopen_session(s agent_sessions) RETURNS agent_sessions LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    reopened agent_sessions;
BEGIN
    UPDATE agent_sessions x
    SET status = 'running', last_seq = x.last_seq + 1, heartbeat_at = clock_timestamp(), completed_at = NULL, error_code = NULL,
        error_message = NULL, ended_by_type = NULL, ended_by_id = NULL, ended_by_name = NULL,
        settled_duration_us = NULL, settled_tokens = NULL, settled_cost_usd = NULL, settled_model = NULL
    WHERE x.id = s.id RETURNING * INTO reopened;
    RETURN reopened;
END $$;

-- A heartbeat that finds its session ended: 201 it runs again and is to be told, 200 it runs already, 409 it stays ended, or a refusal.
CREATE OR REPLACE FUNCTION revive_session(secret text, workspace text, session text)
RETURNS TABLE (code integer, status text, news session_news) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    c caller := who_calls(secret, true, workspace, 'sessions:write');
    s agent_sessions;
BEGIN
    IF c.refused IS NULL THEN
        SELECT * INTO s FROM agent_sessions x WHERE x.id = session AND x.workspace_id = workspace AND x.persona_id = c.id FOR NO KEY UPDATE;
    END IF;
    IF c.refused IS NOT NULL OR s.id IS NULL THEN
        RETURN QUERY SELECT coalesce(c.refused, 404), NULL::text, NULL::session_news;
    ELSIF may_reopen(s) THEN
        s := reopen_session(s);
        RETURN QUERY SELECT 201, s.status, write_session_updated(s, c.id);
    ELSE
        RETURN QUERY SELECT CASE WHEN s.status = 'running' THEN 200 ELSE 409 END, s.status, NULL::session_news;
    END IF;
END $$;

-- In how many milliseconds nothing is expected of an ended session any more, so that streams of its room end: 0 now, NULL if it has
-- not ended. Some can still take steps, and may run again: that is waited for since their last event.
CREATE OR REPLACE FUNCTION room_ends_in_ms(s agent_sessions, delay_s double precision) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    is_lost CONSTANT boolean := coalesce(s.ended_by_type = 'system' AND s.error_code IN ('heartbeat_lost', 'source_silent'), false);
    last_at timestamptz;
BEGIN
    IF s.status NOT IN ('completed', 'failed', 'cancelled') THEN
        RETURN NULL;
    ELSIF s.pruned_at IS NOT NULL OR s.silence_s IS NULL AND NOT is_lost THEN
        RETURN 0;
    END IF;
    -- What came in by the door has ended by the clock of its source.
    last_at := greatest(s.heartbeat_at, CASE WHEN is_lost OR NOT s.at_door THEN s.completed_at END);
    RETURN greatest(0, ceil(1000 * (delay_s - extract(epoch FROM clock_timestamp() - last_at))))::bigint;
END $$;
