-- Who was taken out of a private channel is not called back by what they had answered there, only by a mention.

-- As in 0009_calling.sql, of those who answered in the thread only whoever may still read it.
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
