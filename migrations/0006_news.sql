-- What has to be told, and to whom, when a session's status changes: the columns that lib/publish.h reads.

-- Who follows a stream in their `user:` room: the people in a private one, comma-separated; NULL if it is public, because
-- then the workspace's room carries it. `root` is a channel or scratchpad, never a thread.
CREATE FUNCTION stream_followers(root text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN s.private THEN coalesce((SELECT string_agg(m.member_id, ',') FROM stream_members m
                                                  WHERE m.stream_id = s.id AND m.member_id LIKE 'usr\_%'), '') END
        FROM streams s WHERE s.id = root);
END $$;

-- How many sessions are pending or running in a channel or scratchpad and in its threads, `besides` not counted: a statement
-- that changes a session still sees it as it was.
CREATE FUNCTION sessions_active(root text, besides text) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT count(*) FROM agent_sessions
        WHERE status IN ('pending', 'running') AND (stream_id = root OR parent_stream_id = root) AND id <> coalesce(besides, ''));
END $$;

-- The columns that lib/publish.h reads, in its order.
CREATE TYPE session_news AS (
    session_id text, session_seq bigint, workspace_id text, persona_id text, stream_id text, stream_seq bigint, at timestamptz,
    actor_object text, parent_stream_id text, parent_message_id text, root_id text, root_last_seq bigint, others_active bigint,
    followers text, session text);

-- To be joined LATERAL to the statement that wrote the session: `s` is the new row (… RETURNING x), `stream_number` and `stream_time`
-- are those of its stream_events row, NULL without a stream.
CREATE FUNCTION session_news(s agent_sessions, stream_number bigint, stream_time timestamptz, actor text) RETURNS session_news
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    n session_news;
BEGIN
    n.session_id := s.id;
    n.session_seq := s.last_seq;
    n.workspace_id := s.workspace_id;
    n.persona_id := s.persona_id;
    n.session := session_json(s);
    IF s.stream_id IS NULL THEN
        RETURN n;
    END IF;
    n.stream_id := s.stream_id;
    n.stream_seq := stream_number;
    n.at := stream_time;
    IF actor IS NOT NULL THEN
        n.actor_object := actor_json(actor, s.workspace_id);
    END IF;
    n.parent_stream_id := s.parent_stream_id;
    n.parent_message_id := s.parent_message_id;
    n.root_id := coalesce(s.parent_stream_id, s.stream_id);
    IF n.root_id = s.stream_id THEN
        n.root_last_seq := stream_number;
    ELSE
        SELECT p.last_seq INTO n.root_last_seq FROM streams p WHERE p.id = s.parent_stream_id;
    END IF;
    n.others_active := sessions_active(n.root_id, s.id);
    n.followers := stream_followers(n.root_id);
    RETURN n;
END $$;
