-- Which sessions a person's messages ask for.

-- Personas that a person's message in `s` calls: the mentioned ones, a scratchpad's own, and those who answered in the thread
-- and may still read it. A scratchpad is between one person and one persona: others cannot be called into it.
CREATE OR REPLACE FUNCTION personas_called(s streams, root streams, slugs text[]) RETURNS SETOF personas LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT p.* FROM personas p
    WHERE p.workspace_id = s.workspace_id
      AND CASE WHEN root.type = 'scratchpad' THEN p.id = root.persona_id
               ELSE p.slug = ANY (slugs)
                    OR s.type = 'thread' AND EXISTS (SELECT FROM messages a WHERE a.stream_id = s.id AND a.author_id = p.id)
                       AND can_read_stream(p.id, s.id) END
      AND NOT EXISTS (SELECT FROM agent_sessions x
                      WHERE x.stream_id = s.id AND x.persona_id = p.id AND x.status IN ('pending', 'running')
                        AND s.type <> 'channel')
    ORDER BY array_position(slugs, p.slug), p.id;
END $$;

-- A pending session and the event in its own room; the one in its stream's room is the caller's.
CREATE OR REPLACE FUNCTION make_session(s streams, persona text, trigger_message text) RETURNS agent_sessions LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    made agent_sessions;
    fresh CONSTANT text := new_id('ses');
BEGIN
    INSERT INTO agent_sessions (id, workspace_id, stream_id, parent_stream_id, parent_message_id, persona_id, trigger_message_id,
                                chain_id, status, last_seq)
    VALUES (fresh, s.workspace_id, s.id, s.parent_stream_id, s.parent_message_id, persona, trigger_message, fresh, 'pending', 1)
    RETURNING * INTO made;
    INSERT INTO session_events (session_id, seq, type, session) VALUES (made.id, 1, 'agent_session:requested', session_core_json(made));
    RETURN made;
END $$;

-- The newest message of a person in `stream` after number `after`, if it has to be answered by a session of its own: nobody made one for it,
-- and the persona has none pending there that would see it. VOLATILE on purpose: each call looks with a snapshot of its own,
-- after its caller has locked the stream.
CREATE OR REPLACE FUNCTION unseen_message(stream text, persona text, after bigint) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF EXISTS (SELECT FROM agent_sessions s WHERE s.stream_id = stream AND s.persona_id = persona AND s.status = 'pending') THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT m.id FROM messages m
            WHERE m.stream_id = stream AND m.seq > after AND m.deleted_at IS NULL AND m.author_id LIKE 'usr\_%'
              AND NOT EXISTS (SELECT FROM agent_sessions s
                              WHERE s.trigger_message_id = m.id AND s.persona_id = persona AND s.retry_of IS NULL)
            ORDER BY m.seq DESC LIMIT 1);
END $$;
