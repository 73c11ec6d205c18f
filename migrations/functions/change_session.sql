-- What is said of a session later on: by its agent its title, tags and metadata, by whoever may act on it its tags.

-- `said`: the members that are to be changed, as store/session.c prints them; null empties one. `code`: 201 changed, 200 it was so already,
-- 409 with the session's status, or `problem`. A person's change is no sign of life of the agent.
CREATE OR REPLACE FUNCTION change_session(secret text, program boolean, workspace text, session text, said json)
RETURNS TABLE (code integer, status text, problem text, printed text, news session_news) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    c caller := who_calls(secret, program, workspace, CASE WHEN program THEN 'sessions:write' END);
    was agent_sessions;
    s agent_sessions;
BEGIN
    IF c.refused IS NULL THEN
        SELECT * INTO was FROM agent_sessions x
        WHERE x.id = session AND x.workspace_id = workspace
          AND CASE WHEN program THEN x.persona_id = c.id ELSE may_act_on_session(c.id, x) END FOR NO KEY UPDATE;
    END IF;
    IF was.id IS NULL OR was.pruned_at IS NOT NULL OR was.status = 'pending' THEN
        RETURN QUERY SELECT coalesce(c.refused, CASE WHEN was.id IS NULL THEN 404 ELSE 409 END), was.status,
                            CASE WHEN was.pruned_at IS NOT NULL THEN 'session_pruned' END, NULL::text, NULL::session_news;
        RETURN;
    END IF;
    s := was;
    IF said -> 'title' IS NOT NULL THEN
        s.title := said ->> 'title';
    END IF;
    IF said -> 'tags' IS NOT NULL THEN
        s.tags := said ->> 'tags';
    END IF;
    IF said -> 'metadata' IS NOT NULL THEN
        s.metadata := said ->> 'metadata';
    END IF;
    -- A title that was chosen is not replaced by what the door makes of the steps.
    UPDATE agent_sessions x
    SET title = s.title, tags = s.tags, metadata = s.metadata,
        title_rank = CASE WHEN s.title IS DISTINCT FROM was.title THEN 32767 ELSE x.title_rank END,
        last_seq = x.last_seq + ((s.title, s.tags, s.metadata) IS DISTINCT FROM (was.title, was.tags, was.metadata))::integer,
        heartbeat_at = CASE WHEN program AND x.status = 'running' THEN clock_timestamp() ELSE x.heartbeat_at END
    WHERE x.id = was.id RETURNING * INTO s;
    IF s.last_seq = was.last_seq THEN
        RETURN QUERY SELECT 200, s.status, NULL::text, session_whole_json(s), NULL::session_news;
    ELSE
        RETURN QUERY SELECT 201, s.status, NULL::text, NULL::text, write_session_updated(s, c.id);
    END IF;
END $$;
