-- One message of an imported conversation.

-- `key` names the message in its file, `reply_to` is the key of a message in the same channel, or NULL.
CREATE OR REPLACE FUNCTION import_message(workspace text, channel text, address text, key text, reply_to text, said text, at timestamptz)
RETURNS imported LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    author CONSTANT text := import_author(workspace, address);
    place text := import_channel(workspace, channel);
    root messages;
    s streams;
    e stream_events;
    m messages;
    slugs CONSTANT text[] := ARRAY(SELECT DISTINCT x[1] FROM regexp_matches(said, '(?:^|[^a-z0-9])@([a-z0-9][a-z0-9-]*)', 'g') x);
BEGIN
    IF author IS NULL THEN
        RETURN (404, concat('person ', address))::imported;
    ELSIF place IS NULL THEN
        RETURN (404, concat('channel ', channel))::imported;
    END IF;
    IF reply_to IS NOT NULL THEN
        SELECT * INTO root FROM messages x WHERE x.stream_id = place AND x.client_message_id = 'import:' || reply_to;
        IF NOT FOUND THEN
            RETURN (404, concat('message ', reply_to, ' in ', channel))::imported;
        END IF;
        place := import_thread(workspace, author, root, at);
    END IF;
    s := lock_stream(author, workspace, place);
    IF s.id IS NULL THEN
        RETURN (404, concat(address, ' among the members of ', channel))::imported;
    END IF;
    PERFORM FROM messages x WHERE x.stream_id = s.id AND x.author_id = author AND x.client_message_id = 'import:' || key;
    IF FOUND THEN
        RETURN (200, NULL)::imported;
    END IF;
    e := write_event(s.id, 'message:created', NULL, author, new_id('msg'));
    PERFORM import_event_at(e, at);
    INSERT INTO messages (id, workspace_id, stream_id, seq, author_id, content, mentions, client_message_id, created_at)
    VALUES (e.message_id, workspace, s.id, e.seq, author, said, mentions_json(workspace, slugs), 'import:' || key, at)
    RETURNING * INTO m;
    PERFORM count_mentions(m, slugs);
    IF root.id IS NOT NULL THEN
        UPDATE messages x SET reply_count = x.reply_count + 1, version = x.version + 1, last_reply_at = at, last_reply_author_id = author
        WHERE x.id = root.id;
        PERFORM import_event_at(write_event(root.stream_id, 'message:updated', 'reply_count', author, root.id), at);
    END IF;
    RETURN (201, NULL)::imported;
END $$;
