-- The beginning of a message is also shown by the sessions that it has started, in their own rooms and in the stream where they
-- run: a deletion tells the pushers to forget what was printed in those too.

CREATE FUNCTION told_forgotten(m messages) RETURNS SETOF told LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT 'forgotten', NULL::integer, room, NULL::bigint, NULL, NULL, NULL::session_news
    FROM agent_sessions first JOIN agent_sessions attempt ON attempt.chain_id = first.id,
         unnest(ARRAY['session:' || attempt.id, 'stream:' || attempt.stream_id]) room
    WHERE first.trigger_message_id = m.id AND first.retry_of IS NULL AND room <> 'stream:' || m.stream_id;
END $$;

-- As in 0010_messages.sql, and it tells what is to be forgotten.
CREATE OR REPLACE FUNCTION delete_message(secret text, program boolean, workspace text, message text) RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, program, workspace, 'messages:write');
    answer told;
    m messages;
    s streams;
    last messages;
    counted text[];
    events stream_events[];
BEGIN
    IF c.refused IS NULL THEN
        m := lock_message(c.id, workspace, message);
    END IF;
    answer := CASE
        WHEN c.refused IS NOT NULL THEN told_answer(c.refused)
        WHEN m.author_id IS DISTINCT FROM c.id THEN told_answer(404)
        WHEN m.deleted_at IS NOT NULL THEN told_answer(200, message_in_stream_json(m, c.id))
    END;
    IF answer.kind IS NOT NULL THEN
        RETURN NEXT answer;
        RETURN;
    END IF;
    UPDATE messages x SET content = '', mentions = '[]', sources = NULL, version = x.version + 1, deleted_at = clock_timestamp()
    WHERE x.id = m.id RETURNING * INTO m;
    counted := count_mentions(m, '{}');
    events := ARRAY[write_event(m.stream_id, 'message:deleted', NULL, c.id, m.id)];
    SELECT * INTO s FROM streams x WHERE x.id = m.stream_id;
    IF s.type = 'thread' THEN
        SELECT * INTO last FROM messages x WHERE x.stream_id = s.id AND x.deleted_at IS NULL ORDER BY x.seq DESC LIMIT 1;
        UPDATE messages x SET reply_count = x.reply_count - 1, version = x.version + 1, last_reply_at = last.created_at,
                              last_reply_author_id = last.author_id WHERE x.id = s.parent_message_id;
        events := events || write_event(s.parent_stream_id, 'message:updated', 'reply_count', c.id, s.parent_message_id);
    END IF;
    RETURN NEXT told_answer(200, message_in_stream_json(m, c.id));
    RETURN QUERY SELECT t.* FROM unnest(events) e, told_event(e) t;
    RETURN QUERY SELECT * FROM told_forgotten(m);
    RETURN QUERY SELECT * FROM told_mentions(counted, s);
    RETURN NEXT told_activity(s.root_id);
END $$;
