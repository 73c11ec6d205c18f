-- What has to be told after a commit, and to whom. A change of a session's status is told by the columns that store/notify.h reads,
-- everything else by rows of the type `told` (store/notify.h). Nothing here writes.

-- Who follows a stream in their `user:` room: the people in a private one, comma-separated; NULL if it is public, because
-- then the workspace's room carries it. `root` is a channel or scratchpad, never a thread.
CREATE OR REPLACE FUNCTION stream_followers(root text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN s.private THEN coalesce((SELECT string_agg(m.member_id, ',') FROM stream_members m
                                                  WHERE m.stream_id = s.id AND m.member_id LIKE 'usr\_%'), '') END
        FROM streams s WHERE s.id = root);
END $$;

-- To be joined LATERAL to the statement that wrote the session: `s` is the new row (… RETURNING x), `stream_number` and `stream_time`
-- are those of its stream_events row, NULL without a stream.
CREATE OR REPLACE FUNCTION session_news(s agent_sessions, stream_number bigint, stream_time timestamptz, actor text) RETURNS session_news
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
DECLARE
    n session_news;
BEGIN
    n.session_id := s.id;
    n.session_seq := s.last_seq;
    n.workspace_id := s.workspace_id;
    n.persona_id := s.persona_id;
    n.session := session_json(s);
    n.metadata := s.metadata;
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

-- A refusal, or whatever else is the whole answer, is decided by one CASE, which is NULL where the verb goes on.
CREATE OR REPLACE FUNCTION told_answer(status integer, body text DEFAULT NULL, problem text DEFAULT NULL) RETURNS told LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN ROW('answer', status, NULL, NULL, problem, body, NULL)::told;
END $$;

CREATE OR REPLACE FUNCTION told_event(e stream_events) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ROW('event', NULL, e.stream_id, e.seq, e.type, stream_event_json(e), NULL)::told;
END $$;

CREATE OR REPLACE FUNCTION told_person(user_id text, name text, body text) RETURNS told LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN ROW('person', NULL, user_id, NULL, name, body, NULL)::told;
END $$;

CREATE OR REPLACE FUNCTION told_activity(root text) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT ROW('activity', NULL, NULL, NULL, NULL, NULL,
                   ROW(NULL, NULL, s.workspace_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, s.id, s.last_seq, sessions_active(s.id, NULL),
                       stream_followers(s.id), NULL, NULL)::session_news)::told
        FROM streams s WHERE s.id = root);
END $$;

CREATE OR REPLACE FUNCTION told_session(s agent_sessions, e stream_events) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ROW('session', NULL, NULL, NULL, NULL, NULL, session_news(s, e.seq, e.created_at, e.actor_id))::told;
END $$;

-- The counts beside a stream and, of a thread, beside its parent.
CREATE OR REPLACE FUNCTION told_mentions(user_ids text[], s streams) RETURNS SETOF told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT t.* FROM unnest(user_ids) u, unnest(ARRAY[s.id, s.parent_stream_id]) x,
         told_person(u, 'stream:mentioned', concat('"streamId":"', x, '","mentionCount":', unread_mentions(u, x))) t
    WHERE x IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION told_forgotten(m messages) RETURNS SETOF told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT 'forgotten', NULL::integer, room, NULL::bigint, NULL, NULL, NULL::session_news
    FROM agent_sessions first JOIN agent_sessions attempt ON attempt.chain_id = first.id,
         unnest(ARRAY['session:' || attempt.id, 'stream:' || attempt.stream_id]) room
    WHERE first.trigger_message_id = m.id AND first.retry_of IS NULL AND room <> 'stream:' || m.stream_id;
END $$;

CREATE OR REPLACE FUNCTION told_member(s streams, status integer, member text) RETURNS told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT told_answer(status, concat('{"type":"', p.type, '",', p.members, ',"role":"', m.role, '"}'))
        FROM people p JOIN stream_members m ON m.stream_id = s.id AND m.member_id = p.id
        WHERE p.workspace_id = s.workspace_id AND p.id = member);
END $$;
