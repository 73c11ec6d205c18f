-- The newest message of a person in `stream` after number `after`, if it has to be answered by a session of its own: nobody made one for it,
-- and the persona has none pending there that would see it. VOLATILE on purpose: each call looks with a snapshot of its own,
-- after its caller has locked the stream.
CREATE FUNCTION unseen_message(stream text, persona text, after bigint) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
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
