-- Posting a message to have it answered, for clients that start runs.

-- As post_message(), but for the answer: its body is the id of the session that answers, made for the message or running in
-- the stream already. A message that nobody would answer is not posted.
CREATE OR REPLACE FUNCTION start_run(secret text, program boolean, workspace text, stream text, said text, client_key text, slugs text[])
RETURNS SETOF told LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c caller := who_calls(secret, program, workspace, 'messages:write');
    s streams;
    root streams;
    written told[];
    message text;
    session text;
BEGIN
    IF c.refused IS NULL THEN
        -- A session that ends writes into its stream: what runs here now runs until the message is posted.
        s := lock_stream(c.id, workspace, start_run.stream);
        SELECT * INTO root FROM streams x WHERE x.id = s.root_id;
    END IF;
    IF s.id IS NOT NULL
       AND NOT EXISTS (SELECT FROM messages x WHERE x.stream_id = s.id AND x.author_id = c.id AND x.client_message_id = client_key)
       AND NOT EXISTS (SELECT FROM personas_called(s, root, slugs))
       AND NOT EXISTS (SELECT FROM agent_sessions x
                       WHERE x.stream_id = s.id AND x.status IN ('pending', 'running') AND s.type <> 'channel') THEN
        RETURN NEXT told_answer(409, NULL, 'nobody_called');
        RETURN;
    END IF;
    written := ARRAY(SELECT t FROM post_message(secret, program, workspace, start_run.stream, said, client_key, NULL, NULL, slugs) t);
    IF written[1].code < 300 THEN
        message := written[1].body::json ->> 'id';
        SELECT x.id INTO session FROM agent_sessions x
        WHERE x.trigger_message_id = message AND x.retry_of IS NULL ORDER BY x.created_at, x.id LIMIT 1;
        IF session IS NULL THEN
            SELECT x.id INTO session FROM agent_sessions x
            WHERE x.stream_id = s.id AND x.status IN ('pending', 'running') AND s.type <> 'channel' ORDER BY x.created_at DESC, x.id DESC LIMIT 1;
        END IF;
        written[1].body := session;
    END IF;
    RETURN QUERY SELECT * FROM unnest(written);
END $$;
