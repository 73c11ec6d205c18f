-- What has to be told after a commit, and to whom. A change of a session's status is told by the columns that lib/publish.h reads,
-- everything else by rows of the type `told` (lib/told.h). Nothing here writes.

-- Who follows a stream in their `user:` room: the people in a private one, comma-separated; NULL if it is public, because
-- then the workspace's room carries it. `root` is a channel or scratchpad, never a thread.
CREATE FUNCTION stream_followers(root text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN s.private THEN coalesce((SELECT string_agg(m.member_id, ',') FROM stream_members m
                                                  WHERE m.stream_id = s.id AND m.member_id LIKE 'usr\_%'), '') END
        FROM streams s WHERE s.id = root);
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

-- What a verb answers: first the answer, then what is to be told after the commit, a row each (lib/told.h).
CREATE TYPE told AS (
    kind text,          -- answer, event, session, activity or person
    code integer,       -- answer: the HTTP status
    id   text,          -- event: the stream; person: the user
    seq  bigint,        -- event: its number
    name text,          -- event, person: the event's name; answer: the code of a problem
    body text,          -- event: its data; person: the members behind "room"; answer: the object, or what the problem carries
    news session_news   -- session; of an activity only the root's part
);

-- A refusal, or whatever else is the whole answer, is decided by one CASE, which is NULL where the verb goes on.
CREATE FUNCTION told_answer(status integer, body text DEFAULT NULL, problem text DEFAULT NULL) RETURNS told LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN ROW('answer', status, NULL, NULL, problem, body, NULL)::told;
END $$;

CREATE FUNCTION told_event(e stream_events) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ROW('event', NULL, e.stream_id, e.seq, e.type, stream_event_json(e), NULL)::told;
END $$;

CREATE FUNCTION told_person(user_id text, name text, body text) RETURNS told LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN ROW('person', NULL, user_id, NULL, name, body, NULL)::told;
END $$;

CREATE FUNCTION told_activity(root text) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT ROW('activity', NULL, NULL, NULL, NULL, NULL,
                   ROW(NULL, NULL, s.workspace_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, s.id, s.last_seq, sessions_active(s.id, NULL),
                       stream_followers(s.id), NULL)::session_news)::told
        FROM streams s WHERE s.id = root);
END $$;

CREATE FUNCTION told_session(s agent_sessions, e stream_events) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ROW('session', NULL, NULL, NULL, NULL, NULL, session_news(s, e.seq, e.created_at, e.actor_id))::told;
END $$;

-- The counts beside a stream and, of a thread, beside its parent.
CREATE FUNCTION told_mentions(user_ids text[], s streams) RETURNS SETOF told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT t.* FROM unnest(user_ids) u, unnest(ARRAY[s.id, s.parent_stream_id]) x,
         told_person(u, 'stream:mentioned', concat('"streamId":"', x, '","mentionCount":', unread_mentions(u, x))) t
    WHERE x IS NOT NULL;
END $$;
