-- What has to be told, and to whom, when a session's status changes: the columns that lib/publish.h reads.

-- Who follows a stream in their `user:` room: the people in a private one, comma-separated; NULL if it is public, because
-- then the workspace's room carries it. `root` is a channel or scratchpad, never a thread.
CREATE FUNCTION stream_followers(root text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN s.private THEN coalesce((SELECT string_agg(m.member_id, ',') FROM stream_members m
                                              WHERE m.stream_id = s.id AND m.member_id LIKE 'usr\_%'), '') END
    FROM streams s WHERE s.id = root
$$;

-- How many sessions are pending or running in a channel or scratchpad and in its threads, `besides` not counted: a statement
-- that changes a session still sees it as it was.
CREATE FUNCTION sessions_active(root text, besides text) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT count(*) FROM agent_sessions
    WHERE status IN ('pending', 'running') AND (stream_id = root OR parent_stream_id = root) AND id <> coalesce(besides, '')
$$;

-- To be joined LATERAL to the statement that wrote the session: `s` is the new row (… RETURNING x), `stream_number` and `stream_time`
-- are those of its stream_events row, NULL without a stream.
CREATE FUNCTION session_news(s agent_sessions, stream_number bigint, stream_time timestamptz, actor text,
                             OUT session_id text, OUT session_seq bigint, OUT workspace_id text, OUT persona_id text,
                             OUT stream_id text, OUT stream_seq bigint, OUT at timestamptz, OUT actor_object text,
                             OUT parent_stream_id text, OUT parent_message_id text, OUT root_id text, OUT root_last_seq bigint,
                             OUT others_active bigint, OUT followers text, OUT session text)
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    session_id := s.id;
    session_seq := s.last_seq;
    workspace_id := s.workspace_id;
    persona_id := s.persona_id;
    session := session_json(s);
    IF s.stream_id IS NULL THEN
        RETURN;
    END IF;
    stream_id := s.stream_id;
    stream_seq := stream_number;
    at := stream_time;
    IF actor IS NOT NULL THEN
        actor_object := actor_json(actor, s.workspace_id);
    END IF;
    parent_stream_id := s.parent_stream_id;
    parent_message_id := s.parent_message_id;
    root_id := coalesce(s.parent_stream_id, s.stream_id);
    IF root_id = s.stream_id THEN
        root_last_seq := stream_number;
    ELSE
        SELECT p.last_seq INTO root_last_seq FROM streams p WHERE p.id = s.parent_stream_id;
    END IF;
    others_active := sessions_active(root_id, s.id);
    followers := stream_followers(root_id);
END $$;
